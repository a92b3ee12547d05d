/*
 * Verbs that damage the state, for vectors that prove mm_verify() can fail: one field is
 * overwritten, its old value is kept, and "mend" puts all of them back, the last one first.
 */
#include "top/verbs.h"

#include "as/account.h"
#include "as/file.h"
#include "as/task.h"
#include "base/errno.h"
#include "base/kasan.h"
#include "base/string.h"
#include "boot/e820.h"
#include "boot/setup.h"
#include "kmem/inspect.h"
#include "pgtable/pgtable.h"
#include "phys/vmstat.h"
#include "phys/zone.h"

#define MAX_DAMAGE 8

static struct {
	u32 *word;
	u32 old;
} damage[MAX_DAMAGE];
static unsigned int nr_damage;
static bool unseen;

bool tampered(void)
{
	return nr_damage || unseen;
}

void tamper_unseen(void)
{
	unseen = true;
}

void tamper_seen(void)
{
	unseen = false;
}

void tamper_reset(void)
{
	nr_damage = 0;
	unseen = false;
}

static void overwrite(struct stmt *stmt, u32 *word, u32 value)
{
	if (!word || nr_damage == MAX_DAMAGE) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	damage[nr_damage].word = word;
	damage[nr_damage++].old = *word;
	*word = value;
	stmt_result(stmt, "ok");
}

struct field {
	const char *name;
	size_t offset;
};

static u32 *field_of(void *object, const struct field *fields, unsigned int count, const char *name)
{
	for (unsigned int i = 0; object && i < count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return (u32 *)((char *)object + fields[i].offset);
	return NULL;
}

static void run_tamper_page(struct stmt *stmt)
{
	static const struct field fields[] = {
		{"flags", offsetof(struct page, flags)},
		{"count", offsetof(struct page, _count)},
		{"mapcount", offsetof(struct page, _mapcount)},
		{"private", offsetof(struct page, private)},
		{"lru_next", offsetof(struct page, lru.next)},
		{"lru_prev", offsetof(struct page, lru.prev)},
		{"mapping", offsetof(struct page, mapping)},
		{"index", offsetof(struct page, index)},
	};
	struct page *page = stmt->args[0].var->page;
	u32 *word = field_of(page, fields, ARRAY_SIZE(fields), stmt->args[1].word);

	if (page && strcmp(stmt->args[1].word, "content") == 0 &&
	    page_to_pfn(page) < memory.max_low_pfn)
		word = page_address(page);
	overwrite(stmt, word, stmt->args[2].number);
}

static void run_tamper_zone(struct stmt *stmt)
{
	static const struct field fields[] = {
		{"free_pages", offsetof(struct zone, free_pages)},
		{"managed_pages", offsetof(struct zone, managed_pages)},
		{"present_pages", offsetof(struct zone, present_pages)},
		{"nr_free_0", offsetof(struct zone, free_area[0].nr_free)},
		{"locked", offsetof(struct zone, lock.locked)},
		{"pcp_locked", offsetof(struct zone, pageset[0].lock.locked)},
		{"pcp_room", offsetof(struct zone, pageset[0].room)},
		{"pcp_next", offsetof(struct zone, pageset[0].next)},
		{"pgfree", offsetof(struct zone, pageset[0].pgfree)},
		{"min", offsetof(struct zone, watermark[WMARK_MIN])},
		{"low", offsetof(struct zone, watermark[WMARK_LOW])},
		{"high", offsetof(struct zone, watermark[WMARK_HIGH])},
		{"reserve_0", offsetof(struct zone, lowmem_reserve[0])},
		{"reserve_3", offsetof(struct zone, lowmem_reserve[3])},
	};
	struct zone *zone =
		stmt->args[0].number < MAX_NR_ZONES ? zone_of(stmt->args[0].number) : NULL;

	overwrite(stmt, field_of(zone, fields, ARRAY_SIZE(fields), stmt->args[1].word),
		  stmt->args[2].number);
}

static void run_tamper_counter(struct stmt *stmt)
{
	u64 item = stmt->args[0].number;

	overwrite(stmt, item < NR_VM_ITEMS ? (u32 *)&vm_counters[item] : NULL,
		  stmt->args[1].number);
}

static void run_tamper_pgd(struct stmt *stmt)
{
	struct var *var = stmt->args[0].var;
	pgd_t *pgd = var ? var->pgd : swapper_pg_dir;
	u64 index = stmt->args[1].number;
	u32 *word = pgd && index < PTRS_PER_PGD ? &pgd[index].raw : NULL;

	overwrite(stmt, word, stmt->args[2].number);
}

static void run_tamper_cache(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[0].var->cache;

	overwrite(stmt, s ? kmem_word_named(s, stmt->args[1].word) : NULL, stmt->args[2].number);
}

/* Of an object in use or not, as long as its page is a slab's. */
static void run_tamper_object(struct stmt *stmt)
{
	const struct var *var = stmt->args[0].var;
	u32 *word = bytes_behind(var->object, stmt->args[1].number);
	bool possible = !ZERO_OR_NULL_PTR(var->object) && kmem_address_ok(word) &&
			page_flag(virt_to_page(word), PG_slab);

	overwrite(stmt, possible ? word : NULL, stmt->args[2].number);
}

/* The shadow bytes of the 32 bytes that hold an address. */
static void run_tamper_shadow(struct stmt *stmt)
{
	const void *p = (const void *)ALIGN_DOWN((unsigned long)stmt->args[0].number,
						 sizeof(u32) * KASAN_GRANULE);
	bool possible = CONFIG_KASAN && kasan_covers(p);

	overwrite(stmt, possible ? (u32 *)kasan_shadow_of(p) : NULL, stmt->args[1].number);
}

static void run_tamper_map(struct stmt *stmt)
{
	static const struct field fields[] = {
		{"addr_high", offsetof(struct e820_entry, addr) + sizeof(u32)},
		{"size_high", offsetof(struct e820_entry, size) + sizeof(u32)},
	};
	u64 index = stmt->args[0].number;
	void *entry = index < e820.nr_map ? &e820.map[index] : NULL;

	overwrite(stmt, field_of(entry, fields, ARRAY_SIZE(fields), stmt->args[1].word),
		  stmt->args[2].number);
}

/* ---- address spaces ------------------------------------------------------------------------ */

static struct mm_struct *space_arg(const struct stmt *stmt)
{
	struct task_struct *task = stmt->args[0].var->task;

	return task ? task->mm : NULL;
}

/* Kernel slots as well: those that are to be like swapper_pg_dir's. */
static void run_tamper_task_pgd(struct stmt *stmt)
{
	struct mm_struct *mm = space_arg(stmt);
	u64 index = stmt->args[1].number;
	u32 *word = mm && index < PTRS_PER_PGD ? &mm->pgd[index].raw : NULL;

	overwrite(stmt, word, stmt->args[2].number);
}

static void run_tamper_mm(struct stmt *stmt)
{
	static const struct field fields[] = {
		{"mm_users", offsetof(struct mm_struct, mm_users)},
		{"mm_count", offsetof(struct mm_struct, mm_count)},
		{"map_count", offsetof(struct mm_struct, map_count)},
		{"highest_vm_end", offsetof(struct mm_struct, highest_vm_end)},
		{"mmap_cache", offsetof(struct mm_struct, mmap_cache)},
		{"mmap_sem", offsetof(struct mm_struct, mmap_sem.holders)},
		{"total_vm", offsetof(struct mm_struct, total_vm)},
		{"locked_vm", offsetof(struct mm_struct, locked_vm)},
		{"data_vm", offsetof(struct mm_struct, data_vm)},
		{"exec_vm", offsetof(struct mm_struct, exec_vm)},
		{"stack_vm", offsetof(struct mm_struct, stack_vm)},
		{"rss", offsetof(struct mm_struct, rss_stat[MM_FILEPAGES])},
	};
	u32 *word = field_of(space_arg(stmt), fields, ARRAY_SIZE(fields), stmt->args[1].word);

	if (strcmp(stmt->args[1].word, "committed") == 0)
		word = (u32 *)&vm_committed_as;
	overwrite(stmt, word, stmt->args[2].number);
}

static void run_tamper_area(struct stmt *stmt)
{
	static const struct field fields[] = {
		{"vm_start", offsetof(struct vm_area_struct, vm_start)},
		{"vm_end", offsetof(struct vm_area_struct, vm_end)},
		{"vm_flags", offsetof(struct vm_area_struct, vm_flags)},
		{"vm_page_prot", offsetof(struct vm_area_struct, vm_page_prot)},
		{"vm_mm", offsetof(struct vm_area_struct, vm_mm)},
		{"vm_prev", offsetof(struct vm_area_struct, vm_prev)},
		{"rb_parent", offsetof(struct vm_area_struct, vm_rb.rb_parent_color)},
		{"rb_subtree_gap", offsetof(struct vm_area_struct, rb_subtree_gap)},
	};
	struct mm_struct *mm = space_arg(stmt);
	struct vm_area_struct *vma = mm ? mm->mmap : NULL;

	while (vma && vma->vm_start != stmt->args[1].number)
		vma = vma->vm_next;
	overwrite(stmt, field_of(vma, fields, ARRAY_SIZE(fields), stmt->args[2].word),
		  stmt->args[3].number);
}

static void run_tamper_file(struct stmt *stmt)
{
	static const struct field fields[] = {
		{"f_count", offsetof(struct file, f_count)},
	};
	static const struct field inode_fields[] = {
		{"accounted", offsetof(struct inode, accounted)},
		{"i_count", offsetof(struct inode, i_count)},
		{"nrpages", offsetof(struct inode, i_data.nrpages)},
	};
	struct file *file = stmt->args[0].var ? stmt->args[0].var->file : NULL;
	const char *name = stmt->args[1].word;
	u32 *word = field_of(file, fields, ARRAY_SIZE(fields), name);

	if (file && !word)
		word = field_of(file->f_inode, inode_fields, ARRAY_SIZE(inode_fields), name);
	overwrite(stmt, word, stmt->args[2].number);
}

static void run_mend(struct stmt *stmt)
{
	unsigned int mended = nr_damage;

	while (nr_damage) {
		nr_damage--;
		*damage[nr_damage].word = damage[nr_damage].old;
	}
	stmt_result(stmt, "%u mended", mended);
}

static const struct verb verbs[] = {
	{"tamper_page", "page:p field:w value:n", VAR_NONE, MM_ZONES, MM_LAST, run_tamper_page,
	 "overwrite a field of a struct page, or content: the first word of the page"},
	{"tamper_zone", "zone:n field:w value:n", VAR_NONE, MM_ZONES, MM_LAST, run_tamper_zone,
	 "overwrite a count, a lock or a mark of a zone"},
	{"tamper_counter", "item:n value:n", VAR_NONE, MM_ZONES, MM_LAST, run_tamper_counter,
	 "overwrite a counter: allocstall (0), nr_page_table_pages (1), slab pages (2, 3)"},
	{"tamper_pgd", "space:d index:n value:n", VAR_NONE, MM_UP, MM_LAST, run_tamper_pgd,
	 "overwrite an entry of a page directory"},
	{"tamper_task_pgd", "task:t index:n value:n", VAR_NONE, MM_AS, MM_LAST, run_tamper_task_pgd,
	 "overwrite an entry of a task's page directory"},
	{"tamper_cache", "cache:c field:w value:n", VAR_NONE, MM_KMEM, MM_LAST, run_tamper_cache,
	 "overwrite a word of a cache, or of its allocator"},
	{"tamper_object", "object:o offset:n value:n", VAR_NONE, MM_KMEM, MM_LAST,
	 run_tamper_object, "overwrite a word at an offset (modulo 2^32) from an object's start"},
	{"tamper_shadow", "address:n value:n", VAR_NONE, MM_UP, MM_LAST, run_tamper_shadow,
	 "overwrite the four shadow bytes of the 32 bytes around an address"},
	{"tamper_map", "index:n field:w value:n", VAR_NONE, MM_MAP, MM_LAST, run_tamper_map,
	 "overwrite addr_high or size_high, the high halves, of an entry of the map"},
	{"tamper_mm", "task:t field:w value:x", VAR_NONE, MM_AS, MM_LAST, run_tamper_mm,
	 "overwrite a field of a task's space, or committed: the pages promised to all"},
	{"tamper_area", "task:t start:x field:w value:x", VAR_NONE, MM_AS, MM_LAST, run_tamper_area,
	 "overwrite a field of the area that begins at start"},
	{"tamper_file", "file:f field:w value:x", VAR_NONE, MM_AS, MM_LAST, run_tamper_file,
	 "overwrite f_count of a file, or a field of its inode"},
	{"mend", "", VAR_NONE, MM_RESET, MM_LAST, run_mend, "undo all tampering"},
};

const struct verb_table tamper_verbs = {verbs, ARRAY_SIZE(verbs)};
