#include "host/covtool/covtool.h"

#include <string.h>

#include "kernel/coverage_stream.h"

#define WORD sizeof(u32)

struct reader {
	const char *path;
	struct bytes all;
	size_t at;
	size_t frame; /* where the frame began that is being read */
};

static const u8 *take(struct reader *r, size_t size)
{
	if (size > r->all.size - r->at)
		die("%s: truncated at byte %zu: no end frame", r->path, r->all.size);
	const u8 *p = r->all.data + r->at;
	r->at += size;
	return p;
}

static u32 take_word(struct reader *r)
{
	u32 word;

	memcpy(&word, take(r, WORD), WORD);
	return word;
}

static void check_crc(struct reader *r)
{
	u32 sum = ~crc32_add(CRC32_INIT, r->all.data + r->frame, r->at - r->frame);
	u32 stated = take_word(r);

	if (sum != stated)
		die("%s: damaged: the frame at byte %zu has CRC %08x and says %08x", r->path,
		    r->frame, sum, stated);
}

static void read_object(struct reader *r, struct gcda_list *list)
{
	u32 name_size = take_word(r);
	struct bytes name = {}, content = {};

	append(&name, take(r, name_size), name_size);
	append(&name, "", 1);
	u32 size = take_word(r);
	append(&content, take(r, size), size);
	check_crc(r);
	gcda_add(list, (const char *)name.data, content);
}

void stream_read(struct gcda_list *list, const char *path)
{
	struct reader r = {.path = path, .all = read_file(path)};
	size_t before = list->count;

	if (!r.all.size)
		die("%s: empty: the guest wrote no counters", path);
	if (memcmp(take(&r, STREAM_MAGIC_SIZE), STREAM_MAGIC, STREAM_MAGIC_SIZE) != 0)
		die("%s: not a coverage stream", path);
	for (;;) {
		r.frame = r.at;
		u32 magic = take_word(&r);
		if (magic == END_MAGIC)
			break;
		if (magic != OBJECT_MAGIC)
			die("%s: damaged: no frame begins at byte %zu", path, r.frame);
		read_object(&r, list);
	}
	u32 count = take_word(&r);
	check_crc(&r);
	if (count != list->count - before)
		die("%s: damaged: %zu objects came, the end frame says %u", path,
		    list->count - before, count);
	if (r.at != r.all.size)
		die("%s: damaged: %zu bytes after the end frame", path, r.all.size - r.at);
}
