#include "as/vma.h"

#include "as/account.h"
#include "as/anon_vma.h"
#include "as/file.h"
#include "base/bug.h"
#include "base/errno.h"
#include "kmem/slab.h"

static __mm_state struct kmem_cache *vm_area_cachep;

void vma_init_cache(void)
{
	vm_area_cachep = kmem_cache_create("vm_area_struct", sizeof(struct vm_area_struct), 0,
					   SLAB_PANIC, NULL);
}

struct vm_area_struct *vm_area_alloc(struct mm_struct *mm)
{
	struct vm_area_struct *vma = kmem_cache_alloc(vm_area_cachep, GFP_KERNEL);

	if (vma) {
		*vma = (struct vm_area_struct){.vm_mm = mm};
		list_init(&vma->anon_vma_chain);
	}
	return vma;
}

struct vm_area_struct *vm_area_spare(void)
{
	return kmem_cache_alloc(vm_area_cachep, GFP_KERNEL);
}

struct vm_area_struct *vm_area_dup(const struct vm_area_struct *vma)
{
	struct vm_area_struct *new = kmem_cache_alloc(vm_area_cachep, GFP_KERNEL);

	if (new) {
		*new = *vma;
		new->anon_vma = NULL;
		list_init(&new->anon_vma_chain);
	}
	return new;
}

void vm_area_free(struct vm_area_struct *vma)
{
	kmem_cache_free(vm_area_cachep, vma);
}

void remove_vma(struct vm_area_struct *vma)
{
	if (vma->vm_ops && vma->vm_ops->close)
		vma->vm_ops->close(vma);
	unlink_anon_vmas(vma);
	unlink_file_vma(vma);
	if (vma->vm_file)
		fput(vma->vm_file);
	vm_area_free(vma);
}

static inline struct vm_area_struct *rb_vma(struct rb_node *node)
{
	return rb_entry(node, struct vm_area_struct, vm_rb);
}

/* ---- looking ------------------------------------------------------------------------------- */

/* Is it the first area that ends above addr: addr is in it, or in the gap below? */
static inline bool is_first_above(const struct vm_area_struct *vma, unsigned long addr)
{
	if (addr >= vma->vm_end)
		return false;
	return vma->vm_start <= addr || !vma->vm_prev || vma->vm_prev->vm_end <= addr;
}

/* Programs ask about one area again and again, or about one that they have just mapped. */
struct vm_area_struct *__regparm find_vma(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = READ_ONCE(mm->mmap_cache);
	struct rb_node *node = mm->mm_rb.rb_node;

	rwsem_assert_held(&mm->mmap_sem);
	if (vma && is_first_above(vma, addr))
		return vma;
	vma = NULL;
	while (node) {
		struct vm_area_struct *here = rb_vma(node);

		if (here->vm_end <= addr) {
			node = node->rb_right;
			continue;
		}
		vma = here;
		if (here->vm_start <= addr)
			break;
		node = node->rb_left;
	}
	if (vma)
		WRITE_ONCE(mm->mmap_cache, vma); /* readers are many: the last one's stays */
	return vma;
}

struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **pprev)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	if (vma) {
		*pprev = vma->vm_prev;
	} else {
		struct rb_node *last = rb_last(&mm->mm_rb);

		*pprev = last ? rb_vma(last) : NULL;
	}
	return vma;
}

struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start,
					     unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	return vma && vma->vm_start < end ? vma : NULL;
}

struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return vma && vma->vm_start <= addr ? vma : NULL;
}

unsigned long count_vma_pages_range(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	unsigned long pages = 0;

	for (; vma && vma->vm_start < end; vma = vma->vm_next)
		pages += (min(vma->vm_end, end) - max(vma->vm_start, start)) >> PAGE_SHIFT;
	return pages;
}

/* ---- the largest gap of a subtree ---------------------------------------------------------- */

static __always_inline unsigned long child_gap(const struct rb_node *child)
{
	return child ? rb_entry(child, struct vm_area_struct, vm_rb)->rb_subtree_gap : 0;
}

static __always_inline unsigned long subtree_gap(const struct vm_area_struct *vma)
{
	unsigned long gap = vma_gap(vma), left = child_gap(vma->vm_rb.rb_left);
	unsigned long right = child_gap(vma->vm_rb.rb_right);

	gap = max(gap, left);
	return max(gap, right);
}

/*
 * A subtree has another largest gap now: what does that change further up, below stop? A larger one
 * is taken over as far as it is the largest. A smaller one matters where the old one was.
 */
static inline void gap_changed(struct rb_node *node, struct rb_node *stop, unsigned long old,
			       unsigned long new)
{
	if (new > old) {
		for (; node != stop && rb_vma(node)->rb_subtree_gap < new; node = rb_parent(node))
			rb_vma(node)->rb_subtree_gap = new;
		return;
	}
	while (node != stop && rb_vma(node)->rb_subtree_gap == old) {
		new = subtree_gap(rb_vma(node));
		if (new == old)
			return;
		rb_vma(node)->rb_subtree_gap = new;
		node = rb_parent(node);
	}
}

static void gap_propagate(struct rb_node *node, struct rb_node *stop)
{
	unsigned long old, new;

	if (node == stop)
		return;
	old = rb_vma(node)->rb_subtree_gap;
	new = subtree_gap(rb_vma(node));
	rb_vma(node)->rb_subtree_gap = new;
	if (new != old)
		gap_changed(rb_parent(node), stop, old, new);
}

static void gap_copy(struct rb_node *old, struct rb_node *new)
{
	rb_vma(new)->rb_subtree_gap = rb_vma(old)->rb_subtree_gap;
}

static void gap_rotate(struct rb_node *old, struct rb_node *new)
{
	gap_copy(old, new);
	rb_vma(old)->rb_subtree_gap = subtree_gap(rb_vma(old));
}

static const struct rb_augment_callbacks gap_callbacks = {gap_propagate, gap_copy, gap_rotate};

void vma_gap_update(struct vm_area_struct *vma)
{
	gap_propagate(&vma->vm_rb, NULL);
}

/* ---- changing ------------------------------------------------------------------------------ */

static void note_highest_end(struct mm_struct *mm, const struct vm_area_struct *vma)
{
	if (!vma->vm_next)
		mm->highest_vm_end = vma->vm_end;
}

/*
 * The place in the tree follows from that in the list: of two neighbours in order, one has no child
 * on the other's side.
 */
static void link_into_tree(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma->vm_prev, *next = vma->vm_next;

	if (prev && !prev->vm_rb.rb_right)
		rb_link_node(&vma->vm_rb, &prev->vm_rb, &prev->vm_rb.rb_right);
	else if (next)
		rb_link_node(&vma->vm_rb, &next->vm_rb, &next->vm_rb.rb_left);
	else
		rb_link_node(&vma->vm_rb, NULL, &mm->mm_rb.rb_node);
	vma->rb_subtree_gap = 0;
	/* The next one, above on the way to the root, has a smaller gap now: it goes on from there.
	 */
	gap_propagate(&vma->vm_rb, next ? &next->vm_rb : NULL);
	if (next)
		vma_gap_update(next);
	rb_insert_augmented(&vma->vm_rb, &mm->mm_rb, &gap_callbacks);
}

void vma_link(struct mm_struct *mm, struct vm_area_struct *vma, struct vm_area_struct *prev)
{
	struct vm_area_struct *next = prev ? prev->vm_next : mm->mmap;

	rwsem_assert_held_write(&mm->mmap_sem);
	MM_ASSERT((!prev || prev->vm_end <= vma->vm_start) &&
			  (!next || vma->vm_end <= next->vm_start),
		  "no room for %lx-%lx", vma->vm_start, vma->vm_end);
	vma->vm_prev = prev;
	vma->vm_next = next;
	if (prev)
		prev->vm_next = vma;
	else
		mm->mmap = vma;
	if (next)
		next->vm_prev = vma;
	link_into_tree(mm, vma);
	link_file_vma(vma);
	note_highest_end(mm, vma);
	mm->mmap_cache = vma;
	mm->map_count++;
}

/*
 * The next one gets the gap, while the area itself, which still names prev, keeps its own in the
 * tree: that is smaller, so the tree, as it is mended, finds nothing to change further up.
 */
void vma_unlink(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma->vm_prev, *next = vma->vm_next;

	rwsem_assert_held_write(&mm->mmap_sem);
	if (prev)
		prev->vm_next = next;
	else
		mm->mmap = next;
	if (next) {
		next->vm_prev = prev;
		vma_gap_update(next);
	} else {
		mm->highest_vm_end = prev ? prev->vm_end : 0;
	}
	rb_erase_augmented(&vma->vm_rb, &mm->mm_rb, &gap_callbacks);
	if (mm->mmap_cache == vma)
		mm->mmap_cache = NULL;
	mm->map_count--;
}

void vma_set_start(struct vm_area_struct *vma, unsigned long start)
{
	rmap_begin_change(vma);
	/* In pages before the difference is taken: in bytes it may be more than a long has. */
	vma->vm_pgoff += (start >> PAGE_SHIFT) - (vma->vm_start >> PAGE_SHIFT);
	vma->vm_start = start;
	rmap_end_change(vma);
	vma_gap_update(vma);
}

void vma_set_end(struct vm_area_struct *vma, unsigned long end)
{
	rmap_begin_change(vma);
	vma->vm_end = end;
	rmap_end_change(vma);
	if (vma->vm_next)
		vma_gap_update(vma->vm_next);
	note_highest_end(vma->vm_mm, vma);
}

int insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev, *next = find_vma_prev(mm, vma->vm_start, &prev);

	if (next && next->vm_start < vma->vm_end)
		return -ENOMEM;
	if (vm_charge(mm, vma->vm_flags, vma_pages(vma)))
		return -ENOMEM;
	if (vma_is_anonymous(vma))
		vma->vm_pgoff = vma->vm_start >> PAGE_SHIFT;
	vma_link(mm, vma, prev);
	return 0;
}

/*
 * i386 without NX: what can be read can be executed, and a page that can be written can be read.
 * Private memory is mapped read-only even where it may be written: the first write gets a copy.
 */
pgprot_t vm_get_page_prot(unsigned long vm_flags)
{
	u32 bits = _PAGE_USER | _PAGE_ACCESSED;

	if (!(vm_flags & VM_ACCESS_FLAGS))
		return __pgprot(_PAGE_PROTNONE | _PAGE_ACCESSED);
	if ((vm_flags & (VM_WRITE | VM_SHARED)) == (VM_WRITE | VM_SHARED))
		bits |= _PAGE_RW;
	return __pgprot(_PAGE_PRESENT | bits);
}

void vma_set_flags(struct vm_area_struct *vma, unsigned long vm_flags)
{
	MM_ASSERT(!vma->vm_flags || !((vma->vm_flags ^ vm_flags) & VM_GROWSDOWN),
		  "%lx-%lx becomes a stack, or is none any more", vma->vm_start, vma->vm_end);
	vma->vm_flags = vm_flags;
	vma->vm_page_prot = vm_get_page_prot(vm_flags);
}
