#include "base/printk.h"

#include "arch/arch.h"

/* The rig's own: it outlives the memory manager that a vector tears down. */
static printk_sink_t printk_sink;

printk_sink_t printk_set_sink(printk_sink_t sink)
{
	printk_sink_t former = printk_sink;

	printk_sink = sink;
	return former;
}

void printk(const char *fmt, ...)
{
	char text[PRINTK_MAX];
	va_list args;

	va_start(args, fmt);
	int len = vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (printk_sink)
		printk_sink(text, len);
	else
		arch_console_write(text, len);
}
