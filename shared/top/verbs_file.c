/* Verbs of files and of their pages. Variables stand for descriptors. */
#include "top/verbs.h"

#include "as/file.h"
#include "base/errno.h"
#include "base/string.h"
#include "paging/truncate.h"
#include "phys/page_alloc.h"
#include "store/filemap.h"
#include "store/ramfs.h"
#include "store/shmem.h"
#include "top/mm_spaces.h"

static void drop_file(struct var *var)
{
	struct file *file = var->file;

	var->file = NULL;
	if (file)
		fput(file);
}

static int file_mode(const char *word, u32 *mode)
{
	static const struct {
		const char *word;
		u32 mode;
	} modes[] = {
		{"r", FMODE_READ},
		{"w", FMODE_WRITE},
		{"rw", FMODE_READ | FMODE_WRITE},
		{"rwa", FMODE_READ | FMODE_WRITE | FMODE_APPEND},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++)
		if (strcmp(modes[i].word, word) == 0) {
			*mode = modes[i].mode;
			return 0;
		}
	return -EINVAL;
}

struct file_holders {
	const struct file *file;
	unsigned long count;
};

static void count_holder(struct var *var, void *arg)
{
	struct file_holders *holders = arg;

	holders->count += var->type == VAR_FILE && var->file == holders->file;
}

static unsigned long count_file_vars(const struct file *file)
{
	struct file_holders holders = {file, 0};

	for_each_var(count_holder, &holders);
	return holders.count;
}

/* The variable holds the new file, not the one that it had. */
static void result_file(struct stmt *stmt, int err, struct file *file)
{
	set_file_holders(count_file_vars);
	drop_file(stmt->assigned);
	stmt->assigned->file = err ? NULL : file;
	stmt_result_err(stmt, err);
}

static int setup_file(const char *kind, const char *name, u64 size, u32 mode, struct file **file)
{
	if (strcmp(kind, "shmem") == 0)
		return shmem_file_setup(name, size, mode, NULL, file);
	if (strcmp(kind, "ramfs") == 0)
		return ramfs_file_setup(name, size, mode, file);
	return -EINVAL;
}

static void run_file(struct stmt *stmt)
{
	const char *kind = stmt->nr_args > 3 ? stmt->args[3].word : "shmem";
	struct file *file = NULL;
	u32 mode;
	int err = file_mode(stmt->args[2].word, &mode);

	if (!err)
		err = setup_file(kind, stmt->args[0].word, stmt->args[1].number, mode, &file);
	result_file(stmt, err, file);
}

/* Another file of an inode that there is; the inode is kept by the reference that it was found
 * with, which the file takes over. */
static int open_file(const char *name, u32 mode, struct file **file)
{
	struct inode *inode = find_inode(name);

	if (!inode)
		return -ENOENT;
	*file = alloc_file(inode, mode);
	if (*file)
		return 0;
	iput(inode);
	return -ENOMEM;
}

static void run_open(struct stmt *stmt)
{
	struct file *file = NULL;
	u32 mode;
	int err = file_mode(stmt->args[1].word, &mode);

	if (!err)
		err = open_file(stmt->args[0].word, mode, &file);
	result_file(stmt, err, file);
}

static void run_fput(struct stmt *stmt)
{
	struct var *var = stmt->args[0].var;
	bool open = var && var->file;

	if (open)
		drop_file(var);
	stmt_result_err(stmt, open ? 0 : -EBADF);
}

/* ---- contents ------------------------------------------------------------------------------ */

/* The statement's first argument, a file that is open for that (0: for anything); NULL: the result
 * says that it is none. */
static struct file *file_arg(struct stmt *stmt, u32 mode)
{
	struct var *var = stmt->args[0].var;
	struct file *file = var ? var->file : NULL;

	if (file && (file->f_mode & mode) == mode)
		return file;
	stmt_result_err(stmt, -EBADF);
	return NULL;
}

static void run_file_write(struct stmt *stmt)
{
	u64 offset = stmt->args[1].number;
	u64 len = stmt->nr_args > 3 ? stmt->args[3].number : sizeof(u32);
	struct file *file = file_arg(stmt, FMODE_WRITE);

	if (!file)
		return;
	if (!IS_ALIGNED(offset | len, sizeof(u32)))
		stmt_result_err(stmt, -EINVAL);
	else
		stmt_result_err(
			stmt, filemap_write(file->f_inode, offset, (u32)stmt->args[2].number, len));
}

static void run_file_read(struct stmt *stmt)
{
	u64 offset = stmt->args[1].number;
	struct file *file = file_arg(stmt, FMODE_READ);
	u32 word;

	if (!file)
		return;
	if (!IS_ALIGNED(offset, sizeof(u32)))
		stmt_result_err(stmt, -EINVAL);
	else if (filemap_read(file->f_inode, offset, &word))
		stmt_result(stmt, "0x%08x", word);
	else
		stmt_result(stmt, "end");
}

static void run_ftruncate(struct stmt *stmt)
{
	struct file *file = file_arg(stmt, 0);

	if (file)
		stmt_result_err(stmt, do_ftruncate(file, stmt->args[1].number));
}

static void run_file_pages(struct stmt *stmt)
{
	const struct file *file = file_arg(stmt, 0);

	if (file)
		stmt_result(stmt, "%lu pages", file->f_mapping->nrpages);
}

/* The variable names the page, and has no use of it: as that of pfn_to_page. */
static void run_file_page(struct stmt *stmt)
{
	const struct file *file = file_arg(stmt, 0);
	struct page *page;

	stmt->assigned->page = NULL;
	if (!file)
		return;
	page = find_get_page(file->f_mapping, stmt->args[1].number);
	if (!page) {
		stmt_result_err(stmt, -ENOENT);
		return;
	}
	stmt->assigned->page = page;
	stmt_result(stmt, "pfn %05lx", page_to_pfn(page));
	put_page(page);
}

static const struct verb verbs[] = {
	{"file", "name:w bytes:N mode:w kind:w?", VAR_FILE, MM_AS, MM_LAST, run_file,
	 "make a file in memory and open it: r, w, rw or rwa; shmem or ramfs"},
	{"open", "name:w mode:w", VAR_FILE, MM_AS, MM_LAST, run_open,
	 "open a file that is open, or mapped"},
	{"fput", "file:f", VAR_NONE, MM_AS, MM_LAST, run_fput, "close it"},
	{"file_write", "file:f offset:N value:x len:z?", VAR_NONE, MM_AS, MM_LAST, run_file_write,
	 "write a word to each word of len bytes (4)"},
	{"file_read", "file:f offset:N", VAR_NONE, MM_AS, MM_LAST, run_file_read,
	 "the word at an offset"},
	{"ftruncate", "file:f bytes:N", VAR_NONE, MM_AS, MM_LAST, run_ftruncate,
	 "make it so long: pages beyond that go, whoever maps them"},
	{"file_pages", "file:f", VAR_NONE, MM_AS, MM_LAST, run_file_pages,
	 "how many pages the page cache has of it"},
	{"file_page", "file:f index:n", VAR_PAGE, MM_AS, MM_LAST, run_file_page,
	 "name a page of the page cache"},
};

const struct verb_table file_verbs = {verbs, ARRAY_SIZE(verbs)};
