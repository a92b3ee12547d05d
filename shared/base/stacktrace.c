#include "base/stacktrace.h"

#include "arch/arch.h"
#include "base/printk.h"
#include "base/string.h"

/* Frames between the one that asks and the one that it wants to begin with. */
#define MAX_SKIPPED 12

#define ROOT_PREFIX "trace_root_"

void stack_trace_save(struct stack_trace *trace, unsigned long caller)
{
	unsigned long pcs[MAX_SKIPPED + STACK_TRACE_DEPTH];
	unsigned int nr = CONFIG_CHECKED ? arch_backtrace(pcs, ARRAY_SIZE(pcs)) : 0, first = 0;

	while (first < nr && pcs[first] != caller)
		first++;
	trace->nr = 0;
	for (; first < nr && trace->nr < STACK_TRACE_DEPTH; first++)
		trace->pcs[trace->nr++] = pcs[first];
	if (!trace->nr)
		trace->pcs[trace->nr++] = caller;
}

/* A return address may be behind the end of its function: a call that does not return is the last
 * instruction. */
static const char *caller_name(const struct stack_trace *trace, unsigned int i, bool *global)
{
	return arch_symbol_name(trace->pcs[i] - 1, global);
}

static bool is_root(const char *name)
{
	return name && strncmp(name, ROOT_PREFIX, strlen(ROOT_PREFIX)) == 0;
}

/* Is the next one the root, or is there no next one to tell? */
static bool is_called_by_root(const struct stack_trace *trace, unsigned int i)
{
	bool global;

	return trace->nr == 1 || (i + 1 < trace->nr && is_root(caller_name(trace, i + 1, &global)));
}

/* The parts that a function was split into have a suffix. */
static int name_length(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? dot - name : (int)strlen(name);
}

const char *stack_trace_next(const struct stack_trace *trace, unsigned int *at, int *len)
{
	while (*at < trace->nr) {
		bool global = false;
		unsigned int i = (*at)++;
		const char *name = caller_name(trace, i, &global);

		if (is_root(name))
			return NULL;
		if (name && (global || is_called_by_root(trace, i))) {
			*len = name_length(name);
			return name;
		}
	}
	return NULL;
}

void stack_trace_print(const struct stack_trace *trace)
{
	unsigned int at = 0;
	const char *name;
	int len;

	while ((name = stack_trace_next(trace, &at, &len)))
		printk("  %.*s\n", len, name);
}
