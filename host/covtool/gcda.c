/*
 * .gcda files, as GCC 12 has them: 32-bit words, little-endian here.
 *
 *   file     = "gcda" version stamp checksum record* 0
 *   record   = tag length data             length in bytes
 *   function = 01000000 12 ident lineno_checksum cfg_checksum
 *   counters = 01a10000 n  64-bit counters of the function before; a negative length stands for as
 *              many bytes of zeros, which are then left out
 *   summary  = a1000000 8  runs maximum
 *
 * Two files of one build have the same records, so adding them up is a walk through both. The stamp
 * tells builds apart. Other kinds of records (value profiles) are not compiled in and are refused.
 * Source: gcc/gcov-io.h, the comment on the file format.
 */
#include "host/covtool/gcda.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORD sizeof(u32)
#define MAGIC 0x67636461u
#define HEADER_WORDS 4
#define END 0u
#define TAG_FUNCTION 0x01000000u
#define TAG_COUNTERS 0x01a10000u
#define TAG_SUMMARY 0xa1000000u
#define SUFFIX ".gcda"

static const char *const header_names[HEADER_WORDS] = {"magic", "version", "stamp", "checksum"};

static u32 word_at(const struct bytes *b, size_t at)
{
	u32 word;

	memcpy(&word, b->data + at, WORD);
	return word;
}

static void put_word(struct bytes *b, size_t at, u32 word)
{
	memcpy(b->data + at, &word, WORD);
}

/* Copies the record at *at with all its counters written out, and moves *at past it. */
static void expand_record(struct bytes *to, const struct bytes *from, size_t *at, const char *path)
{
	if (from->size - *at < 2 * WORD)
		die("%s: ends within a record", path);
	u32 tag = word_at(from, *at);
	s32 length = word_at(from, *at + WORD);
	u32 size = length < 0 ? -(u32)length : (u32)length;
	bool zeros = length < 0;

	if (tag != TAG_FUNCTION && tag != TAG_COUNTERS && tag != TAG_SUMMARY)
		die("%s: record of unknown kind %08x", path, tag);
	if (size % (tag == TAG_COUNTERS ? sizeof(u64) : WORD) || (zeros && tag != TAG_COUNTERS) ||
	    (tag == TAG_SUMMARY && size != 2 * WORD))
		die("%s: record %08x of impossible length %d", path, tag, length);
	*at += 2 * WORD;
	if (!zeros && size > from->size - *at)
		die("%s: ends within a record", path);
	append(to, &tag, WORD);
	append(to, &size, WORD);
	if (zeros) {
		to->data = must_allocate(to->data, to->size + size);
		memset(to->data + to->size, 0, size);
		to->size += size;
	} else {
		append(to, from->data + *at, size);
		*at += size;
	}
}

/* A copy in which every counter stands written out. Dies if the file is malformed. */
static struct bytes expand(const struct bytes *from, const char *path)
{
	struct bytes to = {};
	size_t at = HEADER_WORDS * WORD;

	if (from->size < at || word_at(from, 0) != MAGIC)
		die("%s: not a counter file", path);
	append(&to, from->data, at);
	while (at + WORD != from->size)
		expand_record(&to, from, &at, path);
	if (word_at(from, at) != END)
		die("%s: has no end", path);
	append(&to, from->data + at, WORD);
	return to;
}

static void add_counters(struct bytes *sum, const struct bytes *more, size_t at, u32 size)
{
	for (size_t i = at; i < at + size; i += sizeof(u64)) {
		u64 a, b;

		memcpy(&a, sum->data + i, sizeof(a));
		memcpy(&b, more->data + i, sizeof(b));
		a += b;
		memcpy(sum->data + i, &a, sizeof(a));
	}
}

static void add_summary(struct bytes *sum, const struct bytes *more, size_t at)
{
	u32 maximum = word_at(sum, at + WORD), other = word_at(more, at + WORD);

	put_word(sum, at, word_at(sum, at) + word_at(more, at));
	put_word(sum, at + WORD, max(maximum, other));
}

/* Adds the counters of one expanded file to another's. */
static void merge(struct bytes *sum, const struct bytes *more, const char *path)
{
	for (size_t i = 0; i < HEADER_WORDS; i++)
		if (word_at(sum, i * WORD) != word_at(more, i * WORD))
			die("%s: counters of another build (%s %08x, this one has %08x): remove it",
			    path, header_names[i], word_at(sum, i * WORD), word_at(more, i * WORD));
	if (sum->size != more->size)
		die("%s: same stamp, but other records", path);
	for (size_t at = HEADER_WORDS * WORD; at + WORD < sum->size;) {
		u32 tag = word_at(sum, at), size = word_at(sum, at + WORD);

		if (memcmp(sum->data + at, more->data + at, 2 * WORD) != 0)
			die("%s: same stamp, but other records", path);
		at += 2 * WORD;
		if (tag == TAG_COUNTERS)
			add_counters(sum, more, at, size);
		else if (tag == TAG_SUMMARY)
			add_summary(sum, more, at);
		else if (memcmp(sum->data + at, more->data + at, size) != 0)
			die("%s: same stamp, but other functions", path);
		at += size;
	}
}

void gcda_add(struct gcda_list *list, const char *path, struct bytes content)
{
	size_t length = strlen(path);

	/* What comes out of a guest does not get to name just any file. */
	if (path[0] != '/' || length < sizeof(SUFFIX) ||
	    strcmp(path + length - strlen(SUFFIX), SUFFIX) != 0)
		die("\"%s\" is not the path of a counter file", path);
	list->items = must_allocate(list->items, (list->count + 1) * sizeof(*list->items));
	list->items[list->count++] = (struct gcda){
		.path = strcpy(must_allocate(NULL, length + 1), path),
		.content = expand(&content, path),
	};
}

static void write_all(int fd, const struct bytes *content, const char *path)
{
	for (size_t done = 0; done < content->size;) {
		ssize_t n = pwrite(fd, content->data + done, content->size - done, done);

		if (n < 0)
			die("%s: %s", path, strerror(errno));
		done += n;
	}
	if (ftruncate(fd, content->size) < 0)
		die("%s: %s", path, strerror(errno));
}

/* Locks the item's file and adds what it holds to the item; returns the open file. */
static int lock_and_merge(struct gcda *item)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(item->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	/* The same lock that libgcov takes. */
	if (fd < 0 || fcntl(fd, F_SETLKW, &whole) < 0)
		die("%s: %s", item->path, strerror(errno));
	struct bytes old = read_all(fd, item->path);
	if (old.size) {
		struct bytes former = expand(&old, item->path);

		merge(&item->content, &former, item->path);
	}
	return fd;
}

void gcda_store(struct gcda_list *list)
{
	int *files = must_allocate(NULL, list->count * sizeof(*files));

	/* All that can be wrong shows before the first file changes. */
	for (size_t i = 0; i < list->count; i++)
		files[i] = lock_and_merge(&list->items[i]);
	for (size_t i = 0; i < list->count; i++) {
		write_all(files[i], &list->items[i].content, list->items[i].path);
		if (close(files[i]) < 0)
			die("%s: %s", list->items[i].path, strerror(errno));
	}
	free(files);
}
