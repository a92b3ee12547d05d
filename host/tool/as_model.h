/*
 * A model of address spaces: what each call on them results in by the semantics of Linux 6.1
 * (i386), predicted without any of the structures that a memory manager needs for it. It is the
 * second judge of the verbs that docs/vectors.md describes, beside the memory manager itself, and
 * shares no code with that.
 *
 * A call that fails leaves all as it was, but for walks over several VMAs (mprotect, madvise, the
 * mlock family): what was done before the first error stays done. Memory never runs out but by the
 * rules of overcommit.
 */
#pragma once

#include "tool/as_memory.h"
#include "tool/as_space.h"
#include "tool/files.h"

#define AS_TASKS 64
#define AS_WORDS 10
#define AS_RESULT 128 /* bytes of a result */

/* What is mapped: a file, the object of shared anonymous memory, or something of the kernel's. */
enum as_kind { AS_FREE, AS_FILE, AS_ZERO, AS_KERNELS };

struct as_file {
	enum as_kind kind;
	char name[64];
	char variable[64];
	bool read, write, append;
	bool named;  /* the variable holds it */
	u32 inode;   /* whose pages it maps; 0: none */
	u32 charged; /* pages that it is charged for */
};

struct as_mm {
	struct as_space space;
	struct as_entries entries;
	u32 def_flags; /* what each new mapping gets: mlockall(MCL_FUTURE) */
	u32 mmap_base;
	bool bottom_up;
	u32 start_brk, brk, start_data, end_data, start_stack;
	unsigned int users;
};

enum as_limit { AS_LIMIT_AS, AS_LIMIT_DATA, AS_LIMIT_STACK, AS_LIMIT_MEMLOCK, AS_LIMITS };

struct as_task {
	char name[64];	  /* the variable; empty: none any more */
	bool live;	  /* there is a task in it */
	struct as_mm *mm; /* NULL: a kernel thread */
	u32 limit[AS_LIMITS], limit_max[AS_LIMITS];
	u32 caps;
	u32 minor, major; /* page faults that were resolved */
};

#define AS_CAP_IPC_LOCK (1u << 14)
#define AS_CAP_SYS_RAWIO (1u << 17)
#define AS_CAP_SYS_ADMIN (1u << 21)

struct as_sysctls {
	u32 overcommit_memory, overcommit_ratio, overcommit_kbytes, max_map_count, mmap_min_addr;
	u32 stack_guard_gap, legacy_va_layout, admin_reserve_kbytes, user_reserve_kbytes;
};

struct as_model {
	struct as_sysctls sysctl;
	struct as_task tasks[AS_TASKS];
	struct as_task *current; /* who ran last; NULL: nobody who is still there */
	struct as_file files[AS_FILES];
	struct as_inode inodes[AS_FILES];
	struct as_memory memory;
	/* RAM that the page allocator has, in pages: somewhere from low to high. */
	u32 ram_low, ram_high;
	bool unclear; /* a result depended on where */
};

/* A step of a vector, in words. */
struct as_step {
	char text[512];	      /* what word[] points into */
	const char *variable; /* that is assigned; NULL: none */
	unsigned int words;
	const char *word[AS_WORDS]; /* the verb and its arguments */
	const char *expected;	    /* behind "=>"; NULL: nothing */
};

/* An empty machine with so many bytes of RAM. */
void as_model_init(struct as_model *model, u64 ram);
void as_model_free(struct as_model *model);

/* Takes a line apart; false for one that is no step that the model can have to do with. */
bool as_step_parse(struct as_step *step, const char *line, size_t length);

enum as_answer {
	AS_ANSWERED, /* result holds what the step results in */
	AS_SILENT,   /* no verb of the model's: nothing has changed */
	AS_UNKNOWN,  /* the model cannot say, now and from now on */
};

/* Performs a step. result has AS_RESULT bytes; "*" in it is a word that the model does not know.
 */
enum as_answer as_model_step(struct as_model *model, const struct as_step *step, char *result);

/* Is it a verb of the model's? */
bool as_model_is_verb(const char *verb);
/* Appends what a step prints; false if that is not for the model to say. */
bool as_model_prints(struct as_model *model, const struct as_step *step, struct text *text);
/* The task that a variable was assigned, alive or not; NULL: none. */
struct as_task *as_model_task(struct as_model *model, const char *name);
