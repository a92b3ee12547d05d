/*
 * Verbs of shadow memory. The accesses that it is to catch are made here in plain C: this file is
 * instrumented. Builds without it have the verbs as well; they answer -EINVAL, but for
 * kasan_expect, which then expects nothing.
 */
#include "top/verbs.h"

#include "base/errno.h"
#include "base/string.h"
#include "kmem/kasan.h"

/* What the vector says that it does wrong. */
static __mm_state u32 expected_reports;

u32 kasan_expected_reports(void)
{
	return expected_reports;
}

static void run_expect(struct stmt *stmt)
{
	expected_reports = stmt->args[0].number;
	stmt_result(stmt, "ok");
}

static void run_reports(struct stmt *stmt)
{
	if (CONFIG_KASAN)
		stmt_result(stmt, "%u", kasan.reports);
	else
		stmt_result_err(stmt, -EINVAL);
}

/* ---- the quarantine ------------------------------------------------------------------------- */

static void set_limit(struct stmt *stmt)
{
	if (!CONFIG_KASAN)
		return;
	quarantine.limit = stmt->args[0].number;
	stmt_result(stmt, "%u released", quarantine_reduce(quarantine.limit));
}

static void run_quarantine(struct stmt *stmt)
{
	if (!CONFIG_KASAN)
		stmt_result_err(stmt, -EINVAL);
	else if (stmt->nr_args)
		set_limit(stmt);
	else
		stmt_result(stmt, "%u objects %lu bytes limit %lu", quarantine.count,
			    quarantine.bytes, quarantine.limit);
}

static void run_drain(struct stmt *stmt)
{
	if (CONFIG_KASAN)
		stmt_result(stmt, "%u released", quarantine_reduce(0));
	else
		stmt_result_err(stmt, -EINVAL);
}

/* ---- accesses ------------------------------------------------------------------------------- */

/* One instruction for each of these sizes, memcpy() for others. */
static u8 buffer[256];

static void read_bytes(const void *p, u32 size)
{
	switch (size) {
	case 1:
		buffer[0] = READ_ONCE(*(const u8 *)p);
		break;
	case 2:
		buffer[0] = READ_ONCE(*(const u16 *)p);
		break;
	case 4:
		buffer[0] = READ_ONCE(*(const u32 *)p);
		break;
	default:
		memcpy(buffer, p, size);
	}
}

static void write_bytes(void *p, u32 size, u8 byte)
{
	u32 word = byte * 0x01010101u;

	switch (size) {
	case 1:
		WRITE_ONCE(*(u8 *)p, word);
		break;
	case 2:
		WRITE_ONCE(*(u16 *)p, word);
		break;
	case 4:
		WRITE_ONCE(*(u32 *)p, word);
		break;
	default:
		memset(p, byte, size);
	}
}

/* Any bytes of low memory: whose they are is the question. */
static void *target(const struct stmt *stmt, char *base)
{
	char *p = bytes_behind(base, stmt->args[1].number);
	u32 size = stmt->args[2].number;

	if (!CONFIG_KASAN || !base || !size || size > sizeof(buffer) || !kasan_covers(p) ||
	    !kasan_covers(p + size - 1))
		return NULL;
	return p;
}

static void read_target(struct stmt *stmt, void *base)
{
	const void *p = target(stmt, base);

	if (p)
		read_bytes(p, stmt->args[2].number);
	stmt_result_err(stmt, p ? 0 : -EINVAL);
}

static void write_target(struct stmt *stmt, void *base)
{
	void *p = target(stmt, base);

	if (p)
		write_bytes(p, stmt->args[2].number, stmt->args[3].number);
	stmt_result_err(stmt, p ? 0 : -EINVAL);
}

static void run_obj_read(struct stmt *stmt)
{
	read_target(stmt, stmt->args[0].var->object);
}

static void run_obj_write(struct stmt *stmt)
{
	write_target(stmt, stmt->args[0].var->object);
}

static void *address_of(const struct page *page)
{
	return page ? page_address(page) : NULL;
}

static void run_page_read(struct stmt *stmt)
{
	read_target(stmt, address_of(stmt->args[0].var->page));
}

static void run_page_write(struct stmt *stmt)
{
	write_target(stmt, address_of(stmt->args[0].var->page));
}

static const struct verb verbs[] = {
	{"kasan_expect", "reports:n", VAR_NONE, MM_RESET, MM_LAST, run_expect,
	 "say how many reports this vector makes in all; 0 unless said"},
	{"kasan_reports", "", VAR_NONE, MM_RESET, MM_LAST, run_reports, "how many there were"},
	{"kasan_quarantine", "limit:z?", VAR_NONE, MM_KMEM, MM_LAST, run_quarantine,
	 "set the quarantine's limit in bytes, or tell what is in it"},
	{"kasan_drain", "", VAR_NONE, MM_KMEM, MM_LAST, run_drain,
	 "free all objects in the quarantine"},
	{"obj_read", "object:o offset:n bytes:n", VAR_NONE, MM_KMEM, MM_LAST, run_obj_read,
	 "read bytes wherever they are, by one instruction or memcpy()"},
	{"obj_write", "object:o offset:n bytes:n byte:n", VAR_NONE, MM_KMEM, MM_LAST, run_obj_write,
	 "write bytes likewise"},
	{"page_read", "page:p offset:n bytes:n", VAR_NONE, MM_UP, MM_LAST, run_page_read,
	 "read bytes of a page, in use or not"},
	{"page_write", "page:p offset:n bytes:n byte:n", VAR_NONE, MM_UP, MM_LAST, run_page_write,
	 "write bytes of a page, in use or not"},
};

const struct verb_table kasan_verbs = {verbs, ARRAY_SIZE(verbs)};
