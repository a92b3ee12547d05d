#include "conform/oracle.h"

/* Tables 4-4 to 4-6 (32-bit paging) and 4-9 to 4-11 (PAE paging): the same places in both. */
#define ENTRY_P 0x01u
#define ENTRY_RW 0x02u
#define ENTRY_US 0x04u
#define ENTRY_A 0x20u
#define ENTRY_D 0x40u
#define ENTRY_PS 0x80u
#define ENTRY_XD (1ull << 63)

/* Figure 4-12: the page-fault error code. */
#define CODE_P 0x01u
#define CODE_WR 0x02u
#define CODE_US 0x04u
#define CODE_RSVD 0x08u
#define CODE_ID 0x10u

/* The widest physical address that a 4 MiB entry can name (4.3, table 4-4: M is at most 40). */
#define PSE36_MAX 40

/* Bits high:low. */
static u64 bits(unsigned int high, unsigned int low)
{
	return (~0ull >> (63 - high)) & (~0ull << low);
}

/*
 * 4.3: "If CR4.PSE = 1, the PDE's PS flag is 1: the PDE maps a 4-MByte page"; without PSE the flag
 * is ignored. 4.4.2: with PAE the flag alone decides.
 */
static bool maps_page(const struct oracle_mode *mode, u64 pde)
{
	return pde & ENTRY_PS && (mode->pae || mode->pse);
}

/*
 * 4.4.2, tables 4-9 to 4-11: bits 62:MAXPHYADDR of every present PAE entry, and bit 63 where
 * IA32_EFER.NXE is 0.
 */
static u64 reserved_pae(const struct oracle_mode *mode)
{
	return bits(62, mode->physical) | (mode->nxe ? 0 : ENTRY_XD);
}

u64 oracle_reserved_pde(const struct oracle_mode *mode, u64 pde)
{
	if (mode->pae) /* table 4-9: bits 20:13 as well where it maps 2 MByte */
		return reserved_pae(mode) | (maps_page(mode, pde) ? bits(20, 13) : 0);
	if (!maps_page(mode, pde)) /* table 4-5: none */
		return 0;
	/* Table 4-4: bits 21:(M-19); M is 32 where PSE-36 is not supported. */
	return bits(21, (mode->physical < PSE36_MAX ? mode->physical : PSE36_MAX) - 19);
}

/* 4.4.1, table 4-8: bits 2:1, 8:5 and 63:MAXPHYADDR. */
u64 oracle_reserved_pdpte(const struct oracle_mode *mode)
{
	return bits(2, 1) | bits(8, 5) | bits(63, mode->physical);
}

/*
 * 4.6.1, with neither SMEP nor SMAP. U/S and R/W count only if they are 1 in every entry, XD if it
 * is 1 in any.
 */
static bool rights_allow(const struct oracle_mode *mode, const struct oracle_access *access,
			 u64 all, u64 any)
{
	/* User-mode accesses: only to user-mode addresses. */
	if (access->user && !(all & ENTRY_US))
		return false;
	/* Writes: with R/W; those of supervisor mode also without it, if CR0.WP is 0. */
	if (access->write && !(all & ENTRY_RW) && (access->user || mode->wp))
		return false;
	/* Fetches: with PAE and NXE not where XD forbids them. */
	return !(access->fetch && mode->pae && mode->nxe && any & ENTRY_XD);
}

/* 4.7: the flags that say what the access was. I/D where PAE and NXE are on. */
static u32 access_code(const struct oracle_mode *mode, const struct oracle_access *access)
{
	return (access->write ? CODE_WR : 0) | (access->user ? CODE_US : 0) |
	       (access->fetch && mode->pae && mode->nxe ? CODE_ID : 0);
}

/*
 * 4.8: A is set in each entry that is used for a translation, D in the one that maps the page, when
 * it is written to. That an access which is refused uses the entries on its way is not excluded: a
 * present entry may have A set, never D. An entry that is not present is not used (4.8 speaks of
 * translations; 4.3 and 4.4: all its other bits are ignored).
 */
struct oracle_verdict oracle_judge(const struct oracle_mode *mode,
				   const struct oracle_access *access, u64 pde, u64 pte)
{
	struct oracle_verdict v = {.large = maps_page(mode, pde),
				   .code = access_code(mode, access)};
	const u64 marks = ENTRY_A | (access->write ? ENTRY_D : 0);

	if (!(pde & ENTRY_P))
		return v;
	v.pde_may = ENTRY_A;
	/* 4.7: RSVD is reported with P; a reserved bit ends the walk before what lies below. */
	v.reserved = pde & oracle_reserved_pde(mode, pde);
	if (!v.reserved && !v.large) {
		if (!(pte & ENTRY_P))
			return v;
		v.pte_may = ENTRY_A;
		v.reserved = mode->pae && pte & reserved_pae(mode);
	}
	if (v.reserved) {
		v.code |= CODE_P | CODE_RSVD;
		return v;
	}
	v.allowed =
		rights_allow(mode, access, v.large ? pde : pde & pte, v.large ? pde : pde | pte);
	if (!v.allowed) {
		v.code |= CODE_P;
		return v;
	}
	v.pde_must = v.large ? marks : ENTRY_A;
	v.pte_must = v.large ? 0 : marks;
	v.pde_may = 0;
	v.pte_may = 0;
	return v;
}
