/* The tree of physical address ranges: what goes in, what does not, and out again. */
#include "unit/unit.h"

#include "base/errno.h"
#include "boot/resource.h"

static struct resource make(u64 start, u64 end)
{
	return (struct resource){.start = start, .end = end, .name = "x"};
}

/* The order in which for_each_resource() calls, as digits: 10 * start + depth of each. */
static u64 seen;

static void note(const struct resource *resource, unsigned int depth)
{
	seen = seen * 100 + (u32)resource->start / 100 * 10 + depth;
}

static const char *requests(struct resource *root, struct resource *at)
{
	static const struct {
		u64 start, end;
		int err;
	} rows[] = {
		{100, 199, 0},	     {300, 399, 0},	   {200, 299, 0},      {500, 599, 0},
		{150, 160, -EBUSY},  {199, 200, -EBUSY},   {400, 500, -EBUSY}, {0, 1000, -EBUSY},
		{600, 599, -EINVAL}, {900, 1001, -EINVAL}, {399, 420, -EBUSY},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		at[i] = make(rows[i].start, rows[i].end);
		if (request_resource(root, &at[i]) != rows[i].err)
			return "a request ends otherwise than it should";
		if (rows[i].err && (at[i].parent || at[i].sibling))
			return "a refused range is linked";
	}
	return NULL;
}

const char *resources(void)
{
	struct resource root = make(0, 1000), at[11], inner = make(310, 320), below = make(50, 60);
	const char *why = requests(&root, at);

	if (why)
		return why;
	below.start = 100;
	below.end = 199;
	if (request_resource(&at[1], &inner) || request_resource(&at[1], &below) != -EINVAL)
		return "a range goes below one that holds it, and no other";
	seen = 0;
	for_each_resource(&root, note);
	if (seen != 1020303150) /* 100, 200, 300, within it 310, 500 */
		return "ranges are not seen in ascending order, parents first";
	if (release_resource(&at[2]) || release_resource(&at[2]) != -EINVAL)
		return "a range can be taken out, once";
	if (release_resource(&root) != -EINVAL || release_resource(&below) != -EINVAL)
		return "what is not in a tree cannot be taken out";
	at[4] = make(200, 299);
	if (request_resource(&root, &at[4]))
		return "what was taken out is not free";
	return release_resource(&at[0]) || root.child != &at[4] ? "the first one stays" : NULL;
}
