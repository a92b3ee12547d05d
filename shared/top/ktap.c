#include "top/ktap.h"

#include "arch/arch.h"
#include "arch/machine.h"
#include "base/printk.h"

#define NONCE_SIZE 64

static struct {
	char nonce[NONCE_SIZE];
	u32 crc;
	unsigned int plan, passed, failed, skipped;
	bool panicked;
} ktap;

/* CRC-32 with the reflected polynomial 0xEDB88320, four bits at a time. */
static u32 crc32_update(u32 crc, const char *text, size_t len)
{
	static const u32 table[16] = {
		0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
		0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
		0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
	};

	for (size_t i = 0; i < len; i++) {
		crc ^= (u8)text[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc;
}

void ktap_say(const char *fmt, ...)
{
	char text[KTAP_LINE_SIZE];
	va_list args;

	va_start(args, fmt);
	int len = vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	ktap.crc = crc32_update(ktap.crc, text, len);
	arch_console_write(text, len);
}

void ktap_begin(const char *build_id, const char *nonce)
{
	scnprintf(ktap.nonce, sizeof(ktap.nonce), "%s", nonce);
	ktap.crc = ~0u;
	ktap.plan = ktap.passed = ktap.failed = ktap.skipped = 0;
	ktap_say("KTAP version 1\n# pagetwin %s build=%s nonce=%s\n", machine_name, build_id,
		 ktap.nonce);
}

void ktap_plan(unsigned int plan)
{
	ktap.plan = plan;
	ktap_say("1..%u\n", plan);
}

void ktap_result(bool passed, const char *name)
{
	if (passed)
		ktap.passed++;
	else
		ktap.failed++;
	ktap_say("%s %u %s\n", passed ? "ok" : "not ok", ktap.passed + ktap.failed + ktap.skipped,
		 name);
}

void ktap_skip(const char *name)
{
	ktap.skipped++;
	ktap_say("ok %u %s # SKIP\n", ktap.passed + ktap.failed + ktap.skipped, name);
}

bool ktap_end(void)
{
	u32 crc = ~ktap.crc;

	ktap_say("# end nonce=%s plan=%u passed=%u failed=%u crc=%08x\n", ktap.nonce, ktap.plan,
		 ktap.passed, ktap.failed, crc);
	return ktap.failed == 0 && ktap.passed + ktap.skipped == ktap.plan;
}

void ktap_panic(const char *message)
{
	if (ktap.panicked)
		return;
	ktap.panicked = true;
	ktap_say("# panic: %s\n", message);
}
