/* The names of system calls' constants, as strace prints them. */
#include "top/vec.h"

#include "as/mman.h"
#include "as/task.h"
#include "base/errno.h"
#include "base/parse.h"
#include "base/string.h"
#include "exec/syscall.h"
#include "paging/fork.h"
#include "top/verbs.h"

#define NAMED(constant)                                                                            \
	{                                                                                          \
#constant, constant                                                                \
	}

static const struct {
	const char *name;
	u32 bits;
} constants[] = {
	NAMED(PROT_NONE),
	NAMED(PROT_READ),
	NAMED(PROT_WRITE),
	NAMED(PROT_EXEC),
	NAMED(PROT_SEM),
	NAMED(PROT_GROWSDOWN),
	NAMED(PROT_GROWSUP),
	NAMED(MAP_SHARED),
	NAMED(MAP_PRIVATE),
	NAMED(MAP_SHARED_VALIDATE),
	NAMED(MAP_FIXED),
	NAMED(MAP_ANONYMOUS),
	NAMED(MAP_32BIT),
	NAMED(MAP_GROWSDOWN),
	NAMED(MAP_DENYWRITE),
	NAMED(MAP_EXECUTABLE),
	NAMED(MAP_LOCKED),
	NAMED(MAP_NORESERVE),
	NAMED(MAP_POPULATE),
	NAMED(MAP_NONBLOCK),
	NAMED(MAP_STACK),
	NAMED(MAP_HUGETLB),
	NAMED(MAP_SYNC),
	NAMED(MAP_FIXED_NOREPLACE),
	NAMED(MAP_UNINITIALIZED),
	NAMED(MAP_HUGE_2MB),
	NAMED(MAP_HUGE_1GB),
	NAMED(MREMAP_MAYMOVE),
	NAMED(MREMAP_FIXED),
	NAMED(MREMAP_DONTUNMAP),
	NAMED(MS_ASYNC),
	NAMED(MS_INVALIDATE),
	NAMED(MS_SYNC),
	NAMED(MCL_CURRENT),
	NAMED(MCL_FUTURE),
	NAMED(MCL_ONFAULT),
	NAMED(MLOCK_ONFAULT),
	NAMED(MADV_NORMAL),
	NAMED(MADV_RANDOM),
	NAMED(MADV_SEQUENTIAL),
	NAMED(MADV_WILLNEED),
	NAMED(MADV_DONTNEED),
	NAMED(MADV_FREE),
	NAMED(MADV_REMOVE),
	NAMED(MADV_DONTFORK),
	NAMED(MADV_DOFORK),
	NAMED(MADV_MERGEABLE),
	NAMED(MADV_UNMERGEABLE),
	NAMED(MADV_HUGEPAGE),
	NAMED(MADV_NOHUGEPAGE),
	NAMED(MADV_DONTDUMP),
	NAMED(MADV_DODUMP),
	NAMED(MADV_WIPEONFORK),
	NAMED(MADV_KEEPONFORK),
	NAMED(MADV_COLD),
	NAMED(MADV_PAGEOUT),
	NAMED(MADV_POPULATE_READ),
	NAMED(MADV_POPULATE_WRITE),
	NAMED(MADV_DONTNEED_LOCKED),
	NAMED(CLONE_VM),
	NAMED(RLIMIT_DATA),
	NAMED(RLIMIT_STACK),
	NAMED(RLIMIT_MEMLOCK),
	NAMED(RLIMIT_AS),
	NAMED(RLIM_INFINITY),
	NAMED(PR_SET_MM_START_CODE),
	NAMED(PR_SET_MM_END_CODE),
	NAMED(PR_SET_MM_START_DATA),
	NAMED(PR_SET_MM_END_DATA),
	NAMED(PR_SET_MM_START_STACK),
	NAMED(PR_SET_MM_START_BRK),
	NAMED(PR_SET_MM_BRK),
	NAMED(PR_SET_MM_ARG_START),
	NAMED(PR_SET_MM_ARG_END),
	NAMED(PR_SET_MM_ENV_START),
	NAMED(PR_SET_MM_ENV_END),
	NAMED(SYS_getpid),
	NAMED(SYS_brk),
	NAMED(SYS_getppid),
	NAMED(SYS_setrlimit),
	NAMED(SYS_getrlimit),
	NAMED(SYS_mmap),
	NAMED(SYS_munmap),
	NAMED(SYS_mprotect),
	NAMED(SYS_msync),
	NAMED(SYS_mlock),
	NAMED(SYS_munlock),
	NAMED(SYS_mlockall),
	NAMED(SYS_munlockall),
	NAMED(SYS_mremap),
	NAMED(SYS_ugetrlimit),
	NAMED(SYS_mmap2),
	NAMED(SYS_mincore),
	NAMED(SYS_madvise),
	NAMED(SYS_gettid),
	NAMED(SYS_remap_file_pages),
	NAMED(SYS_prlimit64),
	NAMED(SYS_mlock2),
	/* Capabilities stand for their bits. */
	{"CAP_IPC_LOCK", 1u << CAP_IPC_LOCK},
	{"CAP_SYS_RAWIO", 1u << CAP_SYS_RAWIO},
	{"CAP_SYS_ADMIN", 1u << CAP_SYS_ADMIN},
	{"CAP_SYS_RESOURCE", 1u << CAP_SYS_RESOURCE},
};

static int parse_constant(const char *text, unsigned int len, u64 *bits)
{
	char word[VEC_NAME_SIZE];
	const char *end;

	for (unsigned int i = 0; i < ARRAY_SIZE(constants); i++)
		if (strlen(constants[i].name) == len &&
		    strncmp(constants[i].name, text, len) == 0) {
			*bits = constants[i].bits;
			return 0;
		}
	if (!len || len >= sizeof(word))
		return -EINVAL;
	memcpy(word, text, len);
	word[len] = '\0';
	if (parse_u64(word, bits, &end) || *end || *bits >> 32)
		return -EINVAL;
	return 0;
}

int parse_constants(const struct token *token, u64 *bits)
{
	const char *at = token->text, *end = at + token->len;

	*bits = 0;
	while (at <= end) {
		unsigned int len = 0;
		u64 one;

		while (at + len < end && at[len] != '|')
			len++;
		if (parse_constant(at, len, &one))
			return -EINVAL;
		*bits |= one;
		at += len + 1;
	}
	return 0;
}
