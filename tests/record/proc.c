/* What /proc says of a process, in the words of Linux 6.1. */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static FILE *proc_open(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	FILE *file = fopen(path, "r");

	if (!file)
		die("%s: %s", path, strerror(errno));
	return file;
}

/* A file's last component, as a word of a vector. */
static void base_name(const char *path, char *name, size_t room)
{
	static const char deleted[] = " (deleted)";
	const char *slash = strrchr(path, '/');
	size_t len;

	snprintf(name, room, "%s", slash ? slash + 1 : path);
	len = strlen(name);
	if (len > sizeof(deleted) - 1 && !strcmp(name + len - (sizeof(deleted) - 1), deleted))
		name[len - (sizeof(deleted) - 1)] = '\0';
	for (char *c = name; *c; c++)
		if (strchr(" \t#\"=\\", *c))
			*c = '_';
}

/*
 * The name in maps. Of mappings without a file, 6.1 calls [heap] what reaches or touches the
 * break's range, empty or not, and [stack] what reaches or touches start_stack; newer kernels ask
 * for more than a touch.
 */
static void vma_name(struct vma *vma, const char *path, const struct layout *layout)
{
	if (!strcmp(path, "/dev/zero (deleted)"))
		strcpy(vma->name, path);
	else if (vma->ino)
		base_name(path, vma->name, sizeof(vma->name));
	else if (!strncmp(path, "[v", 2))
		snprintf(vma->name, sizeof(vma->name), "%s", path);
	else if (vma->start <= layout->brk && vma->end >= layout->start_brk)
		strcpy(vma->name, "[heap]");
	else if (vma->start <= layout->start_stack && vma->end >= layout->start_stack)
		strcpy(vma->name, "[stack]");
	else
		vma->name[0] = '\0';
}

void maps_read(pid_t pid, const struct layout *layout, struct vmas *vmas)
{
	FILE *file = proc_open(pid, "maps");
	char line[4400];

	vmas->count = 0;
	while (fgets(line, sizeof(line), file)) {
		struct vma *vma = &vmas->vma[vmas->count];
		unsigned long long start, end, offset, ino;
		unsigned int major, minor;
		int path = 0;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%llx-%llx %4s %llx %x:%x %llu %n", &start, &end, vma->rights,
			   &offset, &major, &minor, &ino, &path) != 7)
			die("maps of %d: \"%s\"", pid, line);
		if (end > 0xC0000000)
			die("process %d has a mapping beyond 3 GiB: not a 32-bit program", pid);
		if (!strncmp(line + path, "/SYSV", 5))
			die("process %d uses System V shared memory, which has no verb", pid);
		vma->start = start;
		vma->end = end;
		vma->offset = offset;
		vma->dev = makedev(major, minor);
		vma->ino = ino;
		vma_name(vma, line + path, layout);
		if (++vmas->count == MAX_VMAS)
			die("process %d has more than %d mappings", pid, MAX_VMAS - 1);
	}
	fclose(file);
}

/* Fields of /proc/PID/stat as proc(5) numbers them. */
void layout_read(pid_t pid, struct layout *layout)
{
	enum { STARTCODE = 26, ENDCODE, STARTSTACK, START_DATA = 45, END_DATA, START_BRK, FIELDS };
	unsigned long long field[FIELDS];
	FILE *file = proc_open(pid, "stat");
	char line[2048], *at;

	if (!fgets(line, sizeof(line), file) || !(at = strrchr(line, ')')))
		die("stat of %d cannot be read", pid);
	fclose(file);
	strtok(at, " ");
	strtok(NULL, " "); /* the state, field 3 */
	for (int i = 4; i < FIELDS; i++) {
		char *word = strtok(NULL, " ");

		if (!word)
			die("stat of %d ends at field %d", pid, i);
		field[i] = strtoull(word, NULL, 10);
	}
	*layout = (struct layout){
		.start_code = field[STARTCODE],
		.end_code = field[ENDCODE],
		.start_data = field[START_DATA],
		.end_data = field[END_DATA],
		.start_brk = field[START_BRK],
		.brk = field[START_BRK], /* as exec leaves it */
		.start_stack = field[STARTSTACK],
	};
}

unsigned int caps_read(pid_t pid)
{
	FILE *file = proc_open(pid, "status");
	unsigned long long caps = 0;
	char line[4400];

	while (fgets(line, sizeof(line), file))
		sscanf(line, "CapEff: %llx", &caps);
	fclose(file);
	return caps & (1U << 14 | 1U << 17 | 1U << 21);
}

static int memory_open(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	return fd;
}

void memory_read(pid_t pid, uint32_t addr, void *to, size_t size)
{
	int fd = memory_open(pid);

	if (pread64(fd, to, size, addr) != (ssize_t)size)
		memset(to, 0, size); /* the call will fail of the same cause */
	close(fd);
}

void memory_write(pid_t pid, uint32_t addr, const void *from, size_t size)
{
	int fd = memory_open(pid);

	if (pwrite64(fd, from, size, addr) != (ssize_t)size)
		die("cannot write at %08x of %d: %s", addr, pid, strerror(errno));
	close(fd);
}

uint32_t int80_find(pid_t pid, const struct vmas *vmas)
{
	static unsigned char bytes[4 * PAGE_SIZE];

	for (unsigned int i = 0; i < vmas->count; i++) {
		const struct vma *vma = &vmas->vma[i];

		if (strcmp(vma->name, "[vdso]") || vma->end - vma->start > sizeof(bytes))
			continue;
		memory_read(pid, vma->start, bytes, vma->end - vma->start);
		unsigned char *found = memmem(bytes, vma->end - vma->start, "\xcd\x80", 2);

		if (found)
			return vma->start + (found - bytes);
	}
	return 0;
}

/* ---- files ---- */

/* A variable and, where a process has the file open, the same open file here: it tells when it
 * comes again. */
static struct known_file {
	bool used;
	int fd; /* -1: of exec's */
	unsigned int last_use;
} files[MAX_FILES + 1];

static unsigned int file_uses;

void file_drop(unsigned int number)
{
	step("fput f%u => ok", number);
	if (files[number].fd >= 0)
		close(files[number].fd);
	files[number] = (struct known_file){0};
}

/* A free variable; the one whose use is longest ago, if there is none. */
static unsigned int file_slot(void)
{
	unsigned int oldest = 1;

	for (unsigned int i = 1; i <= MAX_FILES; i++) {
		if (!files[i].used)
			return i;
		if (files[i].last_use < files[oldest].last_use)
			oldest = i;
	}
	file_drop(oldest);
	return oldest;
}

unsigned int file_open(const char *name, uint64_t bytes, const char *mode)
{
	unsigned int number = file_slot();

	files[number] = (struct known_file){.used = true, .fd = -1, .last_use = ++file_uses};
	step("f%u = file %s %llu %s => ok", number, name, (unsigned long long)bytes, mode);
	return number;
}

uint64_t mapped_size(pid_t pid, const struct vma *vma)
{
	struct stat info;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/map_files/%x-%x", pid, vma->start, vma->end);
	return stat(path, &info) ? vma->offset + (vma->end - vma->start) : info.st_size;
}

static int fd_copy(pid_t pid, int fd)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0);
	int copy = syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	if (pidfd < 0)
		die("pidfd_open(%d): %s", pid, strerror(errno));
	close(pidfd);
	return copy;
}

static bool same_file(int mine, int copy)
{
	return syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, mine, copy) == 0;
}

unsigned int file_of(pid_t pid, int fd)
{
	static const char *const modes[] = {"r", "w", "rw", "rw"};
	int copy = fd_copy(pid, fd);
	struct stat info;
	char link[64], path[4096], name[128];
	ssize_t len;

	if (copy < 0)
		return 0;
	for (unsigned int i = 1; i <= MAX_FILES; i++) {
		if (files[i].used && files[i].fd >= 0 && same_file(files[i].fd, copy)) {
			close(copy);
			files[i].last_use = ++file_uses;
			return i;
		}
	}
	if (fstat(copy, &info) || !S_ISREG(info.st_mode))
		die("process %d maps what is no regular file", pid);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", copy);
	len = readlink(link, path, sizeof(path) - 1);
	path[len < 0 ? 0 : len] = '\0';
	base_name(path, name, sizeof(name));
	unsigned int number =
		file_open(name, info.st_size, modes[fcntl(copy, F_GETFL) & O_ACCMODE]);

	files[number].fd = copy;
	return number;
}
