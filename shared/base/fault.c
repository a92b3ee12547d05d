#include "base/fault.h"

#include "base/bug.h"
#include "base/errno.h"
#include "base/parse.h"

__mm_state struct fault_attr fault_sweep = FAULT_ATTR_INIT;

/* How many fault_pause() are without their fault_resume(). */
static __mm_state unsigned int paused;

void fault_pause(void)
{
	paused++;
}

void fault_resume(void)
{
	BUG_ON(!paused, "fault injection is not paused");
	paused--;
}

/* Marsaglia's xorshift, 32 bits: "Xorshift RNGs", 2003. The same row of numbers on both sides. */
static u32 next_random(struct fault_attr *attr)
{
	attr->seed ^= attr->seed << 13;
	attr->seed ^= attr->seed >> 17;
	attr->seed ^= attr->seed << 5;
	return attr->seed;
}

/* The knobs but nth, in their order: each lets the call through, or hands it on. */
static bool knobs_fail(struct fault_attr *attr, size_t size)
{
	if (!attr->probability || !attr->times)
		return false;
	if (attr->space > size) {
		attr->space -= size;
		return false;
	}
	if (++attr->passed < attr->interval)
		return false;
	attr->passed = 0;
	return next_random(attr) % 100 < attr->probability;
}

bool should_fail(struct fault_attr *attr, size_t size)
{
	bool fail;

	if (paused || !fault_attr_armed(attr))
		return false;
	attr->calls++;
	if (attr->nth)
		fail = --attr->nth == 0;
	else
		fail = knobs_fail(attr, size);
	if (!fail)
		return false;
	attr->failures++;
	if (attr->times > 0)
		attr->times--;
	return true;
}

/* ---- text ---------------------------------------------------------------------------------- */

/* A number up to `most` and the comma behind it, or the text's end if it is the last. */
static int parse_field(const char **text, bool last, u32 most, u32 *value)
{
	u64 n;
	const char *at;
	int err = parse_u64(*text, &n, &at);

	if (err)
		return err;
	if (last ? *at && !is_space(*at) : *at != ',')
		return -EINVAL;
	if (n > most)
		return -ERANGE;
	*value = n;
	*text = at + !last;
	return 0;
}

static int parse_times(const char *text, s32 *times)
{
	u32 value;
	bool forever = text[0] == '-' && text[1] == '1';
	int err;

	text += forever; /* the 1 is a number then */
	err = parse_field(&text, true, INT32_MAX, &value);
	if (!err && forever && value != 1)
		err = -EINVAL;
	if (!err)
		*times = forever ? FAULT_FOREVER : (s32)value;
	return err;
}

int setup_fault_attr(struct fault_attr *attr, const char *text)
{
	struct fault_attr said = *attr;
	int err = parse_field(&text, false, UINT32_MAX, &said.interval);

	if (!err)
		err = parse_field(&text, false, 100, &said.probability);
	if (!err)
		err = parse_field(&text, false, UINT32_MAX, &said.space);
	if (!err)
		err = parse_times(text, &said.times);
	if (!err && !said.interval)
		err = -ERANGE;
	if (!err)
		*attr = said;
	return err;
}
