/*
 * Coverage counters, out of a kernel without files. The compiler leaves a pointer to each object's
 * counters in .gcov_info (-fprofile-info-section); libgcov turns one into the bytes of a .gcda file
 * and hands them out piece by piece. They go to QEMU's debug console in the frames of
 * coverage_stream.h.
 *
 * A frame says its length first, so each object is serialized twice: once to be measured, once to
 * be sent. Nothing is buffered, and no heap can run out half way. Only shared/ is instrumented, so
 * that what runs here does not count.
 */
#include "kernel/coverage.h"

#include <gcov.h>

#include "arch/arch.h"
#include "base/string.h"
#include "kernel/coverage_stream.h"
#include "kernel/cpu.h"

#define DEBUG_CONSOLE 0xe9 /* which reads as its own number where it exists */

extern const struct gcov_info *const __gcov_info_start[], *const __gcov_info_end[];

struct frame {
	bool measuring;
	u32 length, crc;
};

static void send(struct frame *frame, const void *bytes, u32 n)
{
	frame->crc = crc32_add(frame->crc, bytes, n);
	outsb(DEBUG_CONSOLE, bytes, n);
}

static void send_number(struct frame *frame, u32 value)
{
	send(frame, &value, sizeof(value));
}

static void send_crc(struct frame *frame)
{
	send_number(frame, ~frame->crc);
}

static void on_name(const char *name, void *arg)
{
	struct frame *frame = arg;

	if (frame->measuring)
		return;
	send_number(frame, strlen(name));
	send(frame, name, strlen(name));
	send_number(frame, frame->length);
}

static void on_data(const void *bytes, unsigned int n, void *arg)
{
	struct frame *frame = arg;

	if (frame->measuring)
		frame->length += n;
	else
		send(frame, bytes, n);
}

/* Wanted for value profiles only, which nobody compiles in here. */
static void *no_memory(unsigned int size __maybe_unused, void *arg __maybe_unused)
{
	arch_panic("coverage: libgcov wants memory");
}

static void send_object(const struct gcov_info *info)
{
	struct frame frame = {.measuring = true, .crc = CRC32_INIT};

	__gcov_info_to_gcda(info, on_name, on_data, no_memory, &frame);
	frame.measuring = false;
	send_number(&frame, OBJECT_MAGIC);
	__gcov_info_to_gcda(info, on_name, on_data, no_memory, &frame);
	send_crc(&frame);
}

void coverage_dump(void)
{
	static bool done;
	struct frame end = {.crc = CRC32_INIT};
	u32 count = __gcov_info_end - __gcov_info_start;

	if (done || inb(DEBUG_CONSOLE) != DEBUG_CONSOLE)
		return;
	done = true;
	outsb(DEBUG_CONSOLE, STREAM_MAGIC, STREAM_MAGIC_SIZE);
	for (u32 i = 0; i < count; i++)
		send_object(__gcov_info_start[i]);
	send_number(&end, END_MAGIC);
	send_number(&end, count);
	send_crc(&end);
}

/* What libgcov's object wants beside what is used of it: files, and a way to give up. */
void __gcov_merge_add(void *counters, unsigned int n);
void __gcov_merge_add(void *counters __maybe_unused, unsigned int n __maybe_unused)
{
	arch_panic("coverage: libgcov wants to merge");
}

void abort(void);
void abort(void)
{
	arch_panic("coverage: libgcov gave up");
}

void *mmap64(void);
void *mmap64(void)
{
	arch_panic("coverage: libgcov wants a mapping");
}
