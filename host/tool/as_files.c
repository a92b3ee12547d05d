/* The model's steps on files. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tool/as_do.h"
#include "tool/as_names.h"

u32 as_named_file(const struct as_model *model, const char *variable)
{
	for (u32 f = 1; f < AS_FILES; f++)
		if (model->files[f].kind == AS_FILE && model->files[f].named &&
		    strcmp(model->files[f].variable, variable) == 0)
			return f;
	return 0;
}

static struct as_file *file_of(const struct as_doing *d)
{
	u32 f = as_named_file(d->call.model, d->step->word[1]);

	return f ? &d->call.model->files[f] : NULL;
}

static struct as_inode *inode_of(const struct as_doing *d, const struct as_file *file)
{
	return &d->call.model->inodes[file->inode];
}

/* What the variable that the step assigns held is closed, whatever else comes of the step. */
static void close_old(struct as_doing *d)
{
	u32 f = as_named_file(d->call.model, d->step->variable);

	if (f)
		d->call.model->files[f].named = false;
}

/* The variable that the step assigns holds a file of the inode from now on. */
static enum as_answer open_as(struct as_doing *d, u32 inode, const char *name, const char *mode)
{
	struct as_model *model = d->call.model;
	struct as_file *file;

	close_old(d);
	file = &model->files[as_new_file(model, AS_FILE, name)];
	file->inode = inode;
	file->read = strchr(mode, 'r') != NULL;
	file->write = strchr(mode, 'w') != NULL;
	file->append = strchr(mode, 'a') != NULL;
	file->named = true;
	strcpy(file->variable, d->step->variable);
	return as_say(d, "ok");
}

static bool can_hold(const struct as_doing *d)
{
	return d->step->variable &&
	       strlen(d->step->variable) < sizeof(d->call.model->files[0].variable);
}

/* What files end before. */
#define LARGEST 0xFFFFFFFF000ull

static bool is_mode(const char *mode)
{
	return !strcmp(mode, "r") || !strcmp(mode, "w") || !strcmp(mode, "rw") ||
	       !strcmp(mode, "rwa");
}

enum as_answer as_do_file(struct as_doing *d)
{
	const struct as_step *step = d->step;
	bool ramfs = false;
	u64 bytes;

	if (!can_hold(d) || !as_number(step->word[2], &bytes))
		return AS_UNKNOWN;
	close_old(d);
	if (step->words > 4) {
		ramfs = strcmp(step->word[4], "ramfs") == 0;
		if (!ramfs && strcmp(step->word[4], "shmem") != 0)
			return as_say(d, "-EINVAL");
	}
	if (!is_mode(step->word[3]) || bytes > LARGEST)
		return as_say(d, "-EINVAL");
	return open_as(d, as_new_inode(d->call.model, step->word[1], bytes, ramfs), step->word[1],
		       step->word[3]);
}

enum as_answer as_do_open(struct as_doing *d)
{
	struct as_model *model = d->call.model;
	const char *name = d->step->word[1];
	u32 first = 0;

	if (!can_hold(d))
		return AS_UNKNOWN;
	as_forget_files(model);
	for (u32 i = 1; i < AS_FILES; i++)
		if (model->inodes[i].used && strcmp(model->inodes[i].name, name) == 0 &&
		    (!first || model->inodes[i].serial < model->inodes[first].serial))
			first = i;
	if (first && is_mode(d->step->word[2]))
		return open_as(d, first, name, d->step->word[2]);
	close_old(d);
	return as_say(d, is_mode(d->step->word[2]) ? "-ENOENT" : "-EINVAL");
}

enum as_answer as_do_fput(struct as_doing *d)
{
	struct as_file *file = file_of(d);

	if (!file)
		return as_say(d, "-EBADF");
	file->named = false;
	return as_say(d, "ok");
}

/* ---- what is in them ------------------------------------------------------------------------ */

enum as_answer as_do_file_write(struct as_doing *d)
{
	struct as_memory *memory = &d->call.model->memory;
	struct as_file *file = file_of(d);
	struct as_inode *inode;
	u64 offset, len = 4;
	bool made;

	if (!as_number(d->step->word[2], &offset) ||
	    (d->step->words > 4 && !as_number(d->step->word[4], &len)))
		return AS_UNKNOWN;
	if (!file || !file->write)
		return as_say(d, "-EBADF");
	if (offset % 4 || len % 4)
		return as_say(d, "-EINVAL");
	if (!len)
		return as_say(d, "ok");
	if (len > LARGEST || offset > LARGEST - len)
		return as_say(d, "-EFBIG");
	inode = inode_of(d, file);
	for (u64 at = offset; at < offset + len; at += 4) {
		u32 frame = as_cache_get(memory, inode, (u32)(at / AS_PAGE), &made);

		as_write_word(memory, frame, at % AS_PAGE / 4, d->value[3]);
	}
	if (offset + len > inode->size)
		inode->size = offset + len;
	return as_say(d, "ok");
}

enum as_answer as_do_file_read(struct as_doing *d)
{
	struct as_file *file = file_of(d);
	struct as_inode *inode;
	char text[16];
	u64 offset;
	u32 frame;

	if (!as_number(d->step->word[2], &offset))
		return AS_UNKNOWN;
	if (!file || !file->read)
		return as_say(d, "-EBADF");
	if (offset % 4)
		return as_say(d, "-EINVAL");
	inode = inode_of(d, file);
	if (offset >= inode->size)
		return as_say(d, "end");
	frame = as_cache_find(inode, (u32)(offset / AS_PAGE));
	snprintf(text, sizeof(text), "0x%08x",
		 frame ? as_read_word(&d->call.model->memory, frame, offset % AS_PAGE / 4) : 0);
	return as_say(d, text);
}

/* What is left of the last page is zeros. */
static void clear_tail(struct as_memory *memory, const struct as_inode *inode)
{
	u32 from = inode->size % AS_PAGE;
	u32 frame = as_cache_find(inode, (u32)(inode->size / AS_PAGE)), word;

	if (!from || !frame)
		return;
	word = as_read_word(memory, frame, from / 4);
	as_write_word(memory, frame, from / 4, from % 4 ? word & ~(~0u << 8 * (from % 4)) : 0);
	for (u32 i = from / 4 + 1; i < AS_PAGE / 4; i++)
		as_write_word(memory, frame, i, 0);
}

enum as_answer as_do_ftruncate(struct as_doing *d)
{
	struct as_model *model = d->call.model;
	struct as_file *file = file_of(d);
	struct as_inode *inode;
	u64 bytes, first;

	if (!as_number(d->step->word[2], &bytes))
		return AS_UNKNOWN;
	if (!file)
		return as_say(d, "-EBADF");
	if (!file->write)
		return as_say(d, "-EINVAL");
	if (bytes > LARGEST)
		return as_say(d, "-EFBIG");
	inode = inode_of(d, file);
	inode->size = bytes;
	first = (bytes + AS_PAGE - 1) / AS_PAGE;
	as_unmap_file(model, file->inode, first);
	as_inode_cut(&model->memory, inode, first);
	clear_tail(&model->memory, inode);
	return as_say(d, "ok");
}

enum as_answer as_do_file_pages(struct as_doing *d)
{
	struct as_file *file = file_of(d);
	char text[32];

	if (!file)
		return as_say(d, "-EBADF");
	snprintf(text, sizeof(text), "%u pages", inode_of(d, file)->nr_pages);
	return as_say(d, text);
}
