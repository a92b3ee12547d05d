/* Constants as Linux names them; what has no name is written in hex. */
#include "record.h"

#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

struct name {
	uint32_t value;
	const char *name;
};

#define NAME(x)                                                                                    \
	{                                                                                          \
		x, #x                                                                              \
	}
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static char *fresh(void)
{
	static char buffers[4][256];
	static unsigned int turn;

	return strcpy(buffers[turn++ % LENGTH(buffers)], "");
}

/* The bits of value, joined by "|"; zero_name where there are none. */
static const char *bits_text(uint32_t value, const struct name *names, size_t count,
			     const char *zero_name)
{
	char *text = fresh();

	if (!value)
		return strcpy(text, zero_name);
	for (size_t i = 0; i < count; i++) {
		if (!(value & names[i].value))
			continue;
		sprintf(text + strlen(text), "%s%s", *text ? "|" : "", names[i].name);
		value &= ~names[i].value;
	}
	if (value)
		sprintf(text + strlen(text), "%s0x%x", *text ? "|" : "", value);
	return text;
}

const char *prot_text(uint32_t prot)
{
	static const struct name names[] = {
		NAME(PROT_READ),   NAME(PROT_WRITE),	 NAME(PROT_EXEC),
		{0x8, "PROT_SEM"}, NAME(PROT_GROWSDOWN), NAME(PROT_GROWSUP),
	};

	return bits_text(prot, names, LENGTH(names), "PROT_NONE");
}

const char *mmap_flags_text(uint32_t flags)
{
	static const char *const types[] = {"", "MAP_SHARED", "MAP_PRIVATE", "MAP_SHARED_VALIDATE"};
	static const struct name names[] = {
		NAME(MAP_FIXED),
		NAME(MAP_ANONYMOUS),
		NAME(MAP_GROWSDOWN),
		NAME(MAP_DENYWRITE),
		NAME(MAP_EXECUTABLE),
		NAME(MAP_LOCKED),
		NAME(MAP_NORESERVE),
		NAME(MAP_POPULATE),
		NAME(MAP_NONBLOCK),
		NAME(MAP_STACK),
		{0x100000, "MAP_FIXED_NOREPLACE"},
	};
	uint32_t type = flags & 0xf;
	char *text;

	if (type == 0 || type >= LENGTH(types))
		return bits_text(flags, names, LENGTH(names), "0");
	text = strcpy(fresh(), types[type]);
	if (flags & ~0xfU)
		sprintf(text + strlen(text), "|%s",
			bits_text(flags & ~0xfU, names, LENGTH(names), ""));
	return text;
}

const char *mremap_flags_text(uint32_t flags)
{
	static const struct name names[] = {
		NAME(MREMAP_MAYMOVE), NAME(MREMAP_FIXED), {4, "MREMAP_DONTUNMAP"}};

	return bits_text(flags, names, LENGTH(names), "0");
}

const char *msync_flags_text(uint32_t flags)
{
	static const struct name names[] = {NAME(MS_ASYNC), NAME(MS_INVALIDATE), NAME(MS_SYNC)};

	return bits_text(flags, names, LENGTH(names), "0");
}

const char *mlockall_flags_text(uint32_t flags)
{
	static const struct name names[] = {NAME(MCL_CURRENT), NAME(MCL_FUTURE), NAME(MCL_ONFAULT)};

	return bits_text(flags, names, LENGTH(names), "0");
}

const char *mlock2_flags_text(uint32_t flags)
{
	static const struct name names[] = {{1, "MLOCK_ONFAULT"}};

	return bits_text(flags, names, LENGTH(names), "0");
}

static const char *one_text(uint32_t value, const struct name *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].value == value)
			return names[i].name;
	return NULL;
}

const char *advice_text(uint32_t advice)
{
	static const struct name names[] = {
		NAME(MADV_NORMAL),     NAME(MADV_RANDOM),	 NAME(MADV_SEQUENTIAL),
		NAME(MADV_WILLNEED),   NAME(MADV_DONTNEED),	 NAME(MADV_FREE),
		NAME(MADV_REMOVE),     NAME(MADV_DONTFORK),	 NAME(MADV_DOFORK),
		NAME(MADV_MERGEABLE),  NAME(MADV_UNMERGEABLE),	 NAME(MADV_HUGEPAGE),
		NAME(MADV_NOHUGEPAGE), NAME(MADV_DONTDUMP),	 NAME(MADV_DODUMP),
		NAME(MADV_WIPEONFORK), NAME(MADV_KEEPONFORK),	 NAME(MADV_COLD),
		NAME(MADV_PAGEOUT),    NAME(MADV_POPULATE_READ), {23, "MADV_POPULATE_WRITE"},
	};
	const char *name = one_text(advice, names, LENGTH(names));
	char *text = fresh();

	sprintf(text, "%d", (int)advice);
	return name ? name : (int32_t)advice < 0 ? (sprintf(text, "0x%x", advice), text) : text;
}

const char *rlimit_text(uint32_t resource)
{
	static const struct name names[] = {NAME(RLIMIT_AS), NAME(RLIMIT_DATA), NAME(RLIMIT_STACK),
					    NAME(RLIMIT_MEMLOCK)};

	return one_text(resource, names, LENGTH(names));
}

const char *caps_text(unsigned int caps)
{
	static const struct name names[] = {
		{1U << CAP_IPC_LOCK, "CAP_IPC_LOCK"},
		{1U << CAP_SYS_RAWIO, "CAP_SYS_RAWIO"},
		{1U << CAP_SYS_ADMIN, "CAP_SYS_ADMIN"},
	};

	return bits_text(caps, names, LENGTH(names), "0");
}
