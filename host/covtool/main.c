/*
 * covtool: brings the image's coverage counters to where gcov looks for them.
 */
#include "host/covtool/covtool.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
	"usage: covtool unpack STREAM...\n"
	"       covtool memory ELF DUMP\n"
	"\n"
	"Adds the coverage counters of boots of an instrumented image to its .gcda files, at the\n"
	"paths that were compiled in; gcov then reads them.\n"
	"\n"
	"  unpack   STREAM is what the image wrote to QEMU's debug console (-debugcon "
	"file:STREAM)\n"
	"  memory   for a guest that died: ELF is its image, DUMP its physical memory from 1 MiB "
	"to\n"
	"           5 MiB (in QEMU's monitor: pmemsave 0x100000 0x400000 DUMP)\n"
	"\n"
	"Nothing is written unless all of the input is sound. Exit status: 0 done; 1 the input is\n"
	"damaged or belongs to another build; 2 wrong usage.\n";

int main(int argc, char **argv)
{
	struct gcda_list list = {};

	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc >= 3 && !strcmp(argv[1], "unpack")) {
		for (int i = 2; i < argc; i++)
			stream_read(&list, argv[i]);
	} else if (argc == 4 && !strcmp(argv[1], "memory")) {
		memory_read(&list, argv[2], argv[3]);
	} else {
		fputs(usage, stderr);
		return 2;
	}
	gcda_store(&list);
	return 0;
}
