#include "tool/as_syscall.h"

#include <stdio.h>
#include <string.h>

#include "tool/as_names.h"

#define PAGE 4096ull

/* Where the words of the verb are: itself, the task, the number, the arguments. */
enum { WORD_TASK = 1, WORD_NUMBER, WORD_ARGUMENTS };

static const struct call {
	const char *number, *verb; /* no verb: what it does the model cannot say */
	unsigned int arguments;
} calls[] = {
	{"SYS_brk", "brk", 1},		 {"SYS_mmap", NULL, 0},
	{"SYS_mmap2", "mmap", 4},	 {"SYS_munmap", "munmap", 2},
	{"SYS_mprotect", "mprotect", 3}, {"SYS_mremap", "mremap", 5},
	{"SYS_madvise", "madvise", 3},	 {"SYS_mlock", "mlock", 2},
	{"SYS_mlock2", "mlock2", 3},	 {"SYS_munlock", "munlock", 2},
	{"SYS_mlockall", "mlockall", 1}, {"SYS_munlockall", "munlockall", 0},
	{"SYS_msync", "msync", 3},	 {"SYS_remap_file_pages", "remap_file_pages", 5},
	{"SYS_setrlimit", NULL, 0},	 {"SYS_prlimit64", NULL, 0},
};

static const struct call *find_call(const char *number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(calls[i].number, number) == 0)
			return &calls[i];
	return NULL;
}

/* The n-th argument; 0 where it is left out. */
static const char *argument(const struct as_step *step, unsigned int n)
{
	return WORD_ARGUMENTS + n < step->words ? step->word[WORD_ARGUMENTS + n] : "0";
}

/* The verb's offset is in bytes, and it has a variable where the call has a descriptor: none. */
static bool add_offset(const struct as_step *step, struct as_step *verb, char *text, size_t size)
{
	u32 pages;

	if (!as_constants(argument(step, 5), &pages))
		return false;
	snprintf(text, size, "%#llx", pages * PAGE);
	verb->word[verb->words++] = "none";
	verb->word[verb->words++] = text;
	return true;
}

enum as_answer as_syscall_step(struct as_model *model, const struct as_step *step, char *result)
{
	const struct call *call =
		step->words > WORD_NUMBER ? find_call(step->word[WORD_NUMBER]) : NULL;
	bool mmap = call && call->verb && strcmp(call->verb, "mmap") == 0;
	enum as_answer answer;
	struct as_step verb = {0};
	char offset[32];

	if (!call)
		return AS_SILENT;
	if (!call->verb)
		return AS_UNKNOWN;
	verb.word[verb.words++] = call->verb;
	verb.word[verb.words++] = step->word[WORD_TASK];
	for (unsigned int i = 0; i < call->arguments; i++)
		verb.word[verb.words++] = argument(step, i);
	if (mmap && !add_offset(step, &verb, offset, sizeof(offset)))
		return AS_UNKNOWN;
	answer = as_model_step(model, &verb, result);
	if (answer == AS_ANSWERED && strcmp(result, "ok") == 0)
		strcpy(result, "0x00000000");
	return answer;
}
