/*
 * The recorder: runs a 32-bit program under ptrace and writes what it does with its memory as a
 * vector, with the kernel's results as expectations. README.md says how it is used and what it
 * leaves out.
 *
 *   task    a thread or process of the program; a variable pN of the vector
 *   space   an address space with its tasks, and with its puppet: a process with the same mappings
 * that never runs. Each call is repeated in it, and its results are what the vector states: they
 * are those of mappings that nobody has touched yet. file    an open file description that was
 * mapped; a variable fN
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGE_SIZE 4096UL
#define MAX_VMAS 4096
#define MAX_TASKS 128
#define MAX_FILES 64 /* variables; with the tasks' fewer than the 256 that a vector may have */
#define ERRNO_OF(value) ((uint32_t)(value) > -4096U ? -(int32_t)(value) : 0)

struct vma {
	uint32_t start, end;
	uint64_t offset;   /* bytes */
	char rights[5];	   /* rwxp, as the kernel writes them */
	uint64_t dev, ino; /* of the file, or 0 */
	char name[128];	   /* as Linux 6.1 has it; of files the last component */
};

struct vmas {
	unsigned int count;
	struct vma vma[MAX_VMAS];
};

struct layout {
	uint32_t start_code, end_code, start_data, end_data, start_brk, brk, start_stack;
};

struct space {
	unsigned int users;
	pid_t puppet;	      /* 0: none, the program's own results count */
	uint32_t int80;	      /* address of "int $0x80" in the vdso */
	struct layout layout; /* brk as the program set it */
	struct vmas seen;     /* the program's mappings after its last call */
	unsigned int stated;  /* the step that stated the mappings last */
};

/* What is going on between a call's entry and its exit. */
struct call {
	bool open;
	uint32_t nr;
	uint32_t arg[6];   /* as the program gave them */
	uint64_t limit[2]; /* setrlimit()'s */
	char text[400];	   /* the step, without its result */
};

struct task {
	pid_t pid;
	unsigned int number; /* of the variable: p1, ... */
	struct space *space;
	struct call call;
	bool known;   /* its creator's event was seen */
	bool stopped; /* before that */
	bool execed;  /* an execve() has happened, its exit stop has not */
	bool waiting; /* at the entry of a call on memory, while another task is in one */
	unsigned int caps;
};

extern struct options {
	const char *name, *about, *root, *out;
	bool legacy;	    /* mappings from TASK_SIZE / 3 upwards */
	bool touched;	    /* no puppets: results of mappings with their pages in */
	bool keep_root;	    /* root's programs run as root */
	unsigned int every; /* state the mappings after so many steps; 0: at the end */
} options;

/* main.c: the ptrace loop */
struct task *task_of(pid_t pid);
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* write.c: the vector */
void vector_open(int argc, char *const argv[]);
void vector_close(void);
void step(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void remark(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void output(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *result_text(uint32_t value, bool address);
unsigned int steps_written(void);

/* names.c: constants as Linux names them; the text is in one of a few buffers that take turns */
const char *prot_text(uint32_t prot);
const char *mmap_flags_text(uint32_t flags);
const char *mremap_flags_text(uint32_t flags);
const char *msync_flags_text(uint32_t flags);
const char *mlockall_flags_text(uint32_t flags);
const char *mlock2_flags_text(uint32_t flags);
const char *advice_text(uint32_t advice);
const char *rlimit_text(uint32_t resource); /* NULL for those that are not about memory */
const char *caps_text(unsigned int caps);

/* proc.c: what /proc says of a process */
void maps_read(pid_t pid, const struct layout *layout, struct vmas *vmas);
void layout_read(pid_t pid, struct layout *layout);
unsigned int caps_read(pid_t pid);
void memory_read(pid_t pid, uint32_t addr, void *to, size_t size);
void memory_write(pid_t pid, uint32_t addr, const void *from, size_t size);
/* Finds the bytes of "int $0x80" in [vdso]; 0 if they are not there. */
uint32_t int80_find(pid_t pid, const struct vmas *vmas);
/* The variable of what is open as fd in the process, written down as a step where it is new; 0:
 * none. */
unsigned int file_of(pid_t pid, int fd);
uint64_t mapped_size(pid_t pid, const struct vma *vma); /* of the file */
/* For mappings that exec made: a variable for the time of these steps. */
unsigned int file_open(const char *name, uint64_t bytes, const char *mode);
void file_drop(unsigned int number);

/* calls.c: system calls into steps */
bool call_concerns(uint32_t nr);
void call_enter(struct task *task);
void call_leave(struct task *task, uint32_t value);

/* state.c: the state of an address space as steps */
void growth_note(struct task *task); /* mappings that grew down since the last call */
void maps_state(struct task *task);
void caps_state(struct task *task); /* where they changed */
void exec_state(struct task *task);

/* puppet.c: mappings without pages; registers */
void arguments_get(pid_t pid, uint32_t arg[6]);
void arguments_set(pid_t pid, const uint32_t arg[6]);
void puppet_make(struct task *task);
pid_t puppet_fork(struct space *space);
uint32_t puppet_call(struct space *space, uint32_t nr, const uint32_t arg[6]);
uint32_t puppet_mmap(struct space *space, pid_t owner, const uint32_t arg[6]);
void puppet_grow(struct space *space, uint32_t addr);
uint32_t puppet_limit(struct space *space, uint32_t resource, const uint64_t limit[2]);
void puppet_end(struct space *space);
