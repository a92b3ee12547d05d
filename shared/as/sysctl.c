#include "as/sysctl.h"

#include "arch/layout.h"
#include "as/mm.h"
#include "as/vma.h"
#include "base/errno.h"
#include "base/string.h"

__mm_state unsigned int sysctl_overcommit_memory = OVERCOMMIT_GUESS;
__mm_state unsigned int sysctl_overcommit_ratio = 50;
__mm_state unsigned long sysctl_overcommit_kbytes;
__mm_state unsigned int sysctl_max_map_count = DEFAULT_MAX_MAP_COUNT;
__mm_state unsigned long mmap_min_addr = DEFAULT_MMAP_MIN_ADDR;
__mm_state unsigned long stack_guard_gap = DEFAULT_STACK_GUARD_GAP;
__mm_state bool sysctl_legacy_va_layout;
__mm_state unsigned long sysctl_admin_reserve_kbytes = 8192;
__mm_state unsigned long sysctl_user_reserve_kbytes = 131072;

static void set_overcommit_memory(unsigned long value)
{
	sysctl_overcommit_memory = value;
}

/* Either of the two takes the other's place. */
static void set_overcommit_ratio(unsigned long value)
{
	sysctl_overcommit_ratio = value;
	sysctl_overcommit_kbytes = 0;
}

static void set_overcommit_kbytes(unsigned long value)
{
	sysctl_overcommit_kbytes = value;
	sysctl_overcommit_ratio = 0;
}

static void set_max_map_count(unsigned long value)
{
	sysctl_max_map_count = value;
}

static void set_mmap_min_addr(unsigned long value)
{
	mmap_min_addr = ALIGN(value, PAGE_SIZE);
}

/* The gaps below stacks follow from it. */
static void set_stack_guard_gap(unsigned long value)
{
	stack_guard_gap = value;
	list_for_each (at, &mm_list) {
		struct mm_struct *mm = list_entry(at, struct mm_struct, mmlist);

		for (struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
			vma_gap_update(vma);
	}
}

static void set_legacy_va_layout(unsigned long value)
{
	sysctl_legacy_va_layout = value;
}

static void set_admin_reserve(unsigned long value)
{
	sysctl_admin_reserve_kbytes = value;
}

static void set_user_reserve(unsigned long value)
{
	sysctl_user_reserve_kbytes = value;
}

static const struct {
	const char *name;
	unsigned long last; /* the largest value */
	void (*set)(unsigned long value);
} knobs[] = {
	{"overcommit_memory", OVERCOMMIT_NEVER, set_overcommit_memory},
	{"overcommit_ratio", 0x7FFFFFFF, set_overcommit_ratio},
	{"overcommit_kbytes", 0xFFFFFFFF, set_overcommit_kbytes},
	{"max_map_count", 0x7FFFFFFF, set_max_map_count},
	{"mmap_min_addr", TASK_SIZE, set_mmap_min_addr},
	{"stack_guard_gap", TASK_SIZE >> PAGE_SHIFT, set_stack_guard_gap},
	{"legacy_va_layout", 1, set_legacy_va_layout},
	{"admin_reserve_kbytes", 0xFFFFFFFF, set_admin_reserve},
	{"user_reserve_kbytes", 0xFFFFFFFF, set_user_reserve},
};

int vm_sysctl(const char *name, unsigned long value)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(knobs); i++) {
		if (strcmp(knobs[i].name, name) != 0)
			continue;
		if (value > knobs[i].last)
			return -EINVAL;
		knobs[i].set(value);
		return 0;
	}
	return -ENOENT;
}
