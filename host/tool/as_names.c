#include "tool/as_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct name {
	const char *name;
	u32 value;
} names[] = {
	{"PROT_NONE", 0},
	{"PROT_READ", 1},
	{"PROT_WRITE", 2},
	{"PROT_EXEC", 4},
	{"PROT_SEM", 8},
	{"PROT_GROWSDOWN", 0x01000000},
	{"PROT_GROWSUP", 0x02000000},
	{"MAP_SHARED", 1},
	{"MAP_PRIVATE", 2},
	{"MAP_SHARED_VALIDATE", 3},
	{"MAP_FIXED", 0x10},
	{"MAP_ANONYMOUS", 0x20},
	{"MAP_32BIT", 0x40},
	{"MAP_GROWSDOWN", 0x100},
	{"MAP_DENYWRITE", 0x800},
	{"MAP_EXECUTABLE", 0x1000},
	{"MAP_LOCKED", 0x2000},
	{"MAP_NORESERVE", 0x4000},
	{"MAP_POPULATE", 0x8000},
	{"MAP_NONBLOCK", 0x10000},
	{"MAP_STACK", 0x20000},
	{"MAP_HUGETLB", 0x40000},
	{"MAP_SYNC", 0x80000},
	{"MAP_FIXED_NOREPLACE", 0x100000},
	{"MAP_UNINITIALIZED", 0x4000000},
	{"MREMAP_MAYMOVE", 1},
	{"MREMAP_FIXED", 2},
	{"MREMAP_DONTUNMAP", 4},
	{"MADV_NORMAL", 0},
	{"MADV_RANDOM", 1},
	{"MADV_SEQUENTIAL", 2},
	{"MADV_WILLNEED", 3},
	{"MADV_DONTNEED", 4},
	{"MADV_FREE", 8},
	{"MADV_REMOVE", 9},
	{"MADV_DONTFORK", 10},
	{"MADV_DOFORK", 11},
	{"MADV_MERGEABLE", 12},
	{"MADV_UNMERGEABLE", 13},
	{"MADV_HUGEPAGE", 14},
	{"MADV_NOHUGEPAGE", 15},
	{"MADV_DONTDUMP", 16},
	{"MADV_DODUMP", 17},
	{"MADV_WIPEONFORK", 18},
	{"MADV_KEEPONFORK", 19},
	{"MADV_COLD", 20},
	{"MADV_PAGEOUT", 21},
	{"MADV_POPULATE_READ", 22},
	{"MADV_POPULATE_WRITE", 23},
	{"MADV_DONTNEED_LOCKED", 24},
	{"MADV_COLLAPSE", 25},
	{"MADV_HWPOISON", 100},
	{"MADV_SOFT_OFFLINE", 101},
	{"MCL_CURRENT", 1},
	{"MCL_FUTURE", 2},
	{"MCL_ONFAULT", 4},
	{"MLOCK_ONFAULT", 1},
	{"MS_ASYNC", 1},
	{"MS_INVALIDATE", 2},
	{"MS_SYNC", 4},
	{"RLIMIT_DATA", 2},
	{"RLIMIT_STACK", 3},
	{"RLIMIT_MEMLOCK", 8},
	{"RLIMIT_AS", 9},
	{"RLIM_INFINITY", 0xFFFFFFFF},
	{"CAP_IPC_LOCK", 1u << 14},
	{"CAP_SYS_RAWIO", 1u << 17},
	{"CAP_SYS_ADMIN", 1u << 21},
	{"CAP_SYS_RESOURCE", 1u << 24},
	{"CLONE_VM", 0x100},
	{"PR_SET_MM_START_CODE", 1},
	{"PR_SET_MM_END_CODE", 2},
	{"PR_SET_MM_START_DATA", 3},
	{"PR_SET_MM_END_DATA", 4},
	{"PR_SET_MM_START_STACK", 5},
	{"PR_SET_MM_START_BRK", 6},
	{"PR_SET_MM_BRK", 7},
	{"PR_SET_MM_ARG_START", 8},
	{"PR_SET_MM_ARG_END", 9},
	{"PR_SET_MM_ENV_START", 10},
	{"PR_SET_MM_ENV_END", 11},
};

static const struct name errors[] = {
	{"-EPERM", EPERM},	     {"-ENOENT", ENOENT}, {"-ESRCH", ESRCH},
	{"-EBADF", EBADF},	     {"-EAGAIN", EAGAIN}, {"-ENOMEM", ENOMEM},
	{"-EACCES", EACCES},	     {"-EFAULT", EFAULT}, {"-EBUSY", EBUSY},
	{"-EEXIST", EEXIST},	     {"-ENODEV", ENODEV}, {"-EINVAL", EINVAL},
	{"-ENFILE", ENFILE},	     {"-ENOSPC", ENOSPC}, {"-EOVERFLOW", EOVERFLOW},
	{"-EOPNOTSUPP", EOPNOTSUPP},
};

bool as_number(const char *word, u64 *value)
{
	static const char suffixes[] = "KMG";
	const char *suffix;
	char *end;

	if (*word < '0' || *word > '9')
		return false;
	*value = strtoull(word, &end, 0);
	if (*end && (suffix = strchr(suffixes, *end & ~0x20)) != NULL) {
		*value <<= 10 * (suffix - suffixes + 1);
		end++;
	}
	return *end == '\0';
}

bool as_constants(const char *word, u32 *value)
{
	char one[64];

	*value = 0;
	for (;;) {
		size_t length = strcspn(word, "|"), i;
		u64 number;

		if (length >= sizeof(one))
			return false;
		memcpy(one, word, length);
		one[length] = '\0';
		if (as_number(one, &number)) {
			*value |= (u32)number;
		} else {
			for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
				if (strcmp(names[i].name, one) == 0)
					break;
			if (i == sizeof(names) / sizeof(names[0]))
				return false;
			*value |= names[i].value;
		}
		if (!word[length])
			return true;
		word += length + 1;
	}
}

const char *as_error_name(int error)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if ((int)errors[i].value == -error)
			return errors[i].name;
	return "?";
}
