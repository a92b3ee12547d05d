#include "base/bug.h"

#include "arch/arch.h"
#include "base/printk.h"

/* One line of a panic message; longer ones are cut, never overrun. */
#define BUG_MESSAGE_SIZE 256

void bug_at(const char *file, int line, const char *fmt, ...)
{
	char message[BUG_MESSAGE_SIZE];
	va_list args;

	va_start(args, fmt);
	int n = scnprintf(message, sizeof(message), "BUG at %s:%d: ", file, line);
	vscnprintf(message + n, sizeof(message) - n, fmt, args);
	va_end(args);
	arch_panic(message);
}
