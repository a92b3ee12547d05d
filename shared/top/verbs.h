/* What the verbs of several subjects share. */
#pragma once

#include "top/vec.h"

/* The address so many bytes, modulo 2^32, behind p; p may be NULL, and the address anywhere. */
static inline void *bytes_behind(const void *p, u64 offset)
{
	return (void *)((unsigned long)p + (u32)offset);
}

/* prctl(PR_SET_MM)'s fields; Linux's numbers. */
#define PR_SET_MM_START_CODE 1
#define PR_SET_MM_END_CODE 2
#define PR_SET_MM_START_DATA 3
#define PR_SET_MM_END_DATA 4
#define PR_SET_MM_START_STACK 5
#define PR_SET_MM_START_BRK 6
#define PR_SET_MM_BRK 7
#define PR_SET_MM_ARG_START 8
#define PR_SET_MM_ARG_END 9
#define PR_SET_MM_ENV_START 10
#define PR_SET_MM_ENV_END 11

/* The statement's first argument, a task, runs from now on. NULL: there is none; the result says
 * so. And its space; NULL: it is a kernel thread, or none. */
struct task_struct *run_task(struct stmt *stmt);
struct mm_struct *run_in_space(struct stmt *stmt);

/*
 * A verb took so many uses of a page, or dropped them: as long as the page is a program's or a
 * file's, mm_verify() wants to know of them.
 */
void note_page_pins(const struct page *page, long uses);
/* From now on mm_verify() asks whether there are others. */
void watch_page_pins(void);

/* The name of a refused access's signal: "SEGV_MAPERR"; "" for none. */
enum fault_signal;
const char *fault_signal_name(enum fault_signal signal);

/* Does a page variable hold a page in use that is not the memory manager's own? */
bool page_arg_usable(const struct arg *arg);

/* Drops the newest block of the verb hoard's; returns the pages that are free now: 0 where it has
 * other users. There is one. */
unsigned long hoard_drop_newest(void);
bool hoard_is_empty(void);

/* The objects that the verb kmem_hoard holds: they are in [*start, *end), among other things. The
 * same of the elements of memory pools that mempool_take holds. */
void kmem_bag(const void **start, const void **end);
void mempool_bag(const void **start, const void **end);

/* May a request for an object have these flags? A cache decides on zones and mobility for itself.
 */
bool gfp_is_for_objects(gfp_t gfp);

/* The assigned variable holds an object of so many bytes, of that cache or kmalloc()'s; NULL: that
 * is the result, -ENOMEM. */
void result_object(struct stmt *stmt, void *object, size_t size, struct kmem_cache *of);
/* The same for nothing, with an error. */
void no_object(struct stmt *stmt, int err);

/* All variables that hold the object: it is freed. */
void forget_objects(void *object);

/* How many reports of shadow memory this vector is to make. */
u32 kasan_expected_reports(void);

/*
 * Damage on purpose, to see mm_verify() find it. While there is any, the state is not verified
 * after each step; a vector has to mend it before it ends. Bytes that were written behind the back
 * of the memory manager (tamper_unseen()) may be damage, or may not: it is as if they were until
 * the verb verify says so.
 */
bool tampered(void);
void tamper_unseen(void);
void tamper_seen(void);
/* Forgets all damage: the state it was done to is gone. */
void tamper_reset(void);
