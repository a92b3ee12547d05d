"""GDB commands and printers for pagetwin's memory manager: the image under `ci/boot --gdb`, and the twin.

    mm-zones              the zones: where they lie, how many pages they have
    mm-buddy [ZONE]       the free lists and per-CPU lists, block by block, each checked on the way
    mm-page PFN...        the struct page of a frame
    mm-walk ADDRESS [PGD] the page-table walk for an address, spelled out
    mm-slabs [CACHE...]   the caches of kernel objects, list by list, each checked on the way
    mm-e820               the kernel's memory map and the limits taken from it

struct page, struct zone, pte_t and pgd_t print in words, also in backtraces and `print`.

How: everything is read from the target's memory and its debugging information; no function of the target
is called, so a target that is broken or stopped anywhere can be looked at, and nothing changes. What a
header defines by a macro, which debugging information lacks, stands once below. A list is followed only
as long as its links are sound and it is no longer than its zone.

The image: QEMU's stub reads virtual memory through the page tables that CR3 names. Their kernel half is
the same in all address spaces, so the direct map can always be read. The twin: the debugger reads host
memory, where all of the direct map is backed by the guest's RAM. Its MMU lives on SIGSEGV, which is
therefore passed on without a stop.

docs/porting.md has a session. Needs GDB 10 or later with Python 3.
"""
import gdb
import gdb.printing

# arch/layout.h
PAGE_SHIFT = 12
PAGE_SIZE = 1 << PAGE_SHIFT
PGDIR_SHIFT = 22
ENTRIES = 1024
PAGE_OFFSET = 0xC0000000
MACHINE_WINDOW = 0xFE000000
SWAPPER_PG_DIR = 0x00101000
# phys/page.h
ZONE_SHIFT = 30
TYPE_SHIFT, TYPE_MASK = 27, 7
ORDER_SHIFT, ORDER_MASK = 23, 0xF
# arch/pte.h; Intel SDM vol. 3A, tables 4-4 to 4-6
PRESENT, RW, USER, PSE = 0x001, 0x002, 0x004, 0x080
ENTRY_FLAGS = ((PRESENT, "present"), (RW, "rw"), (USER, "user"), (0x008, "pwt"), (0x010, "pcd"),
               (0x020, "accessed"), (0x040, "dirty"), (PSE, "4m"), (0x100, "global"))
PSE_ADDRESS = 0xFFC00000
PSE_NOT_ADDRESS = 0x003FE000  # bits 21:13: reserved, or PSE-36's, which is not used
CR4_PSE = 0x10
ARCH_CPU_PSE = 0x1


# ---- reading the target -----------------------------------------------------------------------------

def symbol(name):
    """The value of a global of the memory manager."""
    found = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
    if found is None:
        raise gdb.GdbError(f"no symbol \"{name}\": load pagetwin.elf, or the twin, with its symbols")
    return found.value()


def enumerators(enum):
    """[(name, value)] of an enum in order."""
    return [(field.name, field.enumval) for field in gdb.lookup_type(f"enum {enum}").fields()]


def number(text):
    """Any expression of GDB's as an unsigned 32-bit number."""
    return int(gdb.parse_and_eval(text)) & 0xFFFFFFFF


def read_u32(address):
    try:
        data = gdb.selected_inferior().read_memory(address, 4)
    except gdb.MemoryError:
        raise gdb.GdbError(f"cannot read memory at 0x{address:08x}") from None
    return int.from_bytes(bytes(data), "little")


def direct_map(phys):
    """The kernel address of a physical one."""
    if phys >= MACHINE_WINDOW - PAGE_OFFSET:
        raise gdb.GdbError(f"physical 0x{phys:08x} lies above the direct map")
    return phys + PAGE_OFFSET


def need_mem_map():
    mem_map = symbol("mem_map")
    if int(mem_map) == 0:
        raise gdb.GdbError("mem_map does not exist yet: the memory manager has not booted that far")
    return mem_map


def stage_name():
    """"up" and so on: how far boot has come."""
    stage = int(symbol("stage"))
    for name, value in enumerators("mm_stage"):
        if value == stage:
            return name[len("MM_"):].lower()
    return str(stage)


# ---- pages ------------------------------------------------------------------------------------------

def page_flag_names(flags):
    """The PG_* bits of page->flags, by the names of enum pageflags."""
    return [name[len("PG_"):] for name, bit in enumerators("pageflags")
            if name.startswith("PG_") and flags >> bit & 1]


def zone_names():
    """By index, as enum zone_type has them."""
    zones = symbol("contig_page_data")["node_zones"]
    low, high = zones.type.range()
    return [zones[i]["name"].string() if int(zones[i]["name"]) else str(i) for i in range(low, high + 1)]


def zone_name(index):
    names = zone_names()
    return names[index] if index < len(names) else "?"


def page_pfn(page):
    """The frame number of a struct page, or None for one that is no element of mem_map."""
    mem_map = int(symbol("mem_map"))
    offset = (int(page.address) if page.address is not None else 0) - mem_map
    limit = int(symbol("memory")["max_pfn"]) * page.type.sizeof
    if not mem_map or not 0 <= offset < limit or offset % page.type.sizeof:
        return None
    return offset // page.type.sizeof


def describe_page(page):
    flags = int(page["flags"])
    pfn = page_pfn(page)
    words = ["page", "?????" if pfn is None else f"{pfn:05x}", "zone", zone_name(flags >> ZONE_SHIFT),
             "flags", *page_flag_names(flags), "count", str(int(page["_count"])),
             "mapcount", str(int(page["_mapcount"])), "private", str(int(page["private"])),
             "index", str(int(page["index"]))]
    order = flags >> ORDER_SHIFT & ORDER_MASK
    if order:
        words += ["order", str(order)]
    migrate_type = flags >> TYPE_SHIFT & TYPE_MASK
    if migrate_type:
        words += ["type", migrate_types()[migrate_type]]
    if int(page["mapping"]):
        words += ["mapping"]
    return " ".join(words)


class PagePrinter:
    """struct page, in the words of the verb "page"; order and mapping only where there is one."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        return describe_page(self.value)


# ---- zones and free lists -----------------------------------------------------------------------------

def describe_zone(zone):
    name = zone["name"].string() if int(zone["name"]) else "(not set up)"
    held = " locked" if int(zone["lock"]["locked"]) else ""
    return (f"zone {name:<7} start {int(zone['zone_start_pfn']):05x} "
            f"spanned {int(zone['spanned_pages'])} present {int(zone['present_pages'])} "
            f"managed {int(zone['managed_pages'])} free {int(zone['free_pages'])}{held}")


class ZonePrinter:
    """struct zone in one line, as the verb "zones" prints it."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        return describe_zone(self.value)


def all_zones():
    zones = symbol("contig_page_data")["node_zones"]
    low, high = zones.type.range()
    return [zones[i] for i in range(low, high + 1)]


def migrate_types():
    """By index: "Unmovable" and so on, from enum migratetype."""
    names = {}
    for name, value in enumerators("migratetype"):
        if name not in ("MIGRATE_PCPTYPES", "MIGRATE_TYPES"):
            names[value] = name[len("MIGRATE_"):].capitalize()
    return [names[value] for value in sorted(names)]


def listed_pages(head, limit):
    """([(pfn, page)], None) of a list of struct pages in its order, or with what is wrong with it."""
    page_type = gdb.lookup_type("struct page")
    lru = next(f.bitpos // 8 for f in page_type.fields() if f.name == "lru")
    pages, at = [], head["next"]
    while int(at) != int(head.address):
        page = gdb.Value(int(at) - lru).cast(page_type.pointer()).dereference()
        pfn = page_pfn(page)
        if pfn is None:
            return pages, f"link to 0x{int(at):08x}, which is no struct page"
        if int(at["next"]["prev"]) != int(at):
            return pages, f"pfn {pfn:05x}: the next one does not link back"
        pages.append((pfn, page))
        if len(pages) > limit:
            return pages, "longer than its zone: a loop"
        at = at["next"]
    return pages, None


def free_blocks(zone, order, migrate_type):
    """([pfn], None) of a free list in its order, or with what is wrong with it."""
    pages, wrong = listed_pages(zone["free_area"][order]["free_list"][migrate_type],
                                int(zone["spanned_pages"]))
    for pfn, page in reversed(pages):  # the first page that is wrong counts
        if "buddy" not in page_flag_names(int(page["flags"])) or int(page["private"]) != order:
            wrong = f"pfn {pfn:05x} is not marked as a free block of order {order}"
        elif pfn % (1 << order):
            wrong = f"pfn {pfn:05x} is misaligned"
    return [pfn for pfn, _ in pages], wrong


def pcp_blocks(zone, order, migrate_type):
    """The same of a per-CPU list, the hot end first."""
    pages, wrong = listed_pages(zone["pageset"][0]["lists"][migrate_type][order],
                                int(zone["spanned_pages"]))
    for pfn, page in reversed(pages):
        if int(page["flags"]) >> ORDER_SHIFT & ORDER_MASK != order or int(page["_count"]):
            wrong = f"pfn {pfn:05x} is not free, or not of order {order}"
    return [pfn for pfn, _ in pages], wrong


def print_blocks(title, blocks, wrong):
    if blocks or wrong:
        pfns = " ".join(f"{pfn:05x}" for pfn in blocks)
        print(f"  {title} {len(blocks):6} free: {pfns}".rstrip())
    if wrong:
        print(f"  {title} BROKEN: {wrong}")


def print_free_lists(zone):
    print(describe_zone(zone))
    types = migrate_types()
    low, high = zone["free_area"].type.range()
    for order in range(low, high + 1):
        count = 0
        for index, name in enumerate(types):
            blocks, wrong = free_blocks(zone, order, index)
            print_blocks(f"order {order:2} {name}", blocks, wrong)
            count += len(blocks)
        nr_free = int(zone["free_area"][order]["nr_free"])
        if count != nr_free:
            print(f"  order {order:2} BROKEN: nr_free says {nr_free}, on the lists {count}")
    pcp = zone["pageset"][0]
    low, high = pcp["lists"].type.range()
    for index in range(low, high + 1):
        first, last = pcp["lists"][index].type.range()
        for order in range(first, last + 1):
            print_blocks(f"per-CPU {order} {types[index]}", *pcp_blocks(zone, order, index))


# ---- kernel objects -----------------------------------------------------------------------------------

# No cache has as many slabs or free objects: a list that is longer has no end.
LIMIT = 1 << 20


def offset_of(type_name, member):
    """Where a member is; anonymous unions and structs are looked into."""
    def find(kind):
        for field in kind.fields():
            if field.name == member:
                return field.bitpos // 8
            if not field.name:
                inner = find(field.type)
                if inner is not None:
                    return field.bitpos // 8 + inner
        return None
    return find(gdb.lookup_type(type_name))


def entries(head, type_name, member):
    """(the structs on a list, None), or with what is wrong with it."""
    pointer, offset = gdb.lookup_type(type_name).pointer(), offset_of(type_name, member)
    found, before, at = [], int(head.address), head["next"]
    while int(at) != int(head.address):
        if int(at["prev"]) != before:
            return found, f"0x{int(at):08x} does not link back"
        found.append(gdb.Value(int(at) - offset).cast(pointer).dereference())
        if len(found) > LIMIT:
            return found, "a loop"
        before, at = int(at), at["next"]
    return found, None


def chain_length(first, offset):
    """How many objects a chain of free pointers has."""
    count, at = 0, int(first)
    while at and count < LIMIT:
        at = read_u32(at + offset)
        count += 1
    return count


class Cache:
    """What one cache has: .slabs of (place, pfn, order, objects, inuse), figures, and what is wrong."""

    def __init__(self, cache):
        self.cache, self.impl = cache, cache["impl"]
        self.slabs, self.broken = [], []
        self.stocked = self.total = self.nr_slabs = self.free = 0

    def objects(self):
        return self.total - self.free - self.stocked

    def check(self, wrong, said, found):
        if said != found:
            self.broken.append(f"{wrong} says {said}, found {found}")

    def add_slab(self, place, page, order, objects, inuse):
        pfn = page_pfn(page)
        self.slabs.append((place, pfn, order, objects, inuse))
        self.free += objects - inuse
        if inuse > objects or "slab" not in page_flag_names(int(page["flags"])):
            self.broken.append(f"pfn {pfn:05x} is no slab")


class SlubCache(Cache):
    """kmem/slub_def.h"""

    def __init__(self, cache):
        super().__init__(cache)
        cpu, node = self.impl["cpu_slab"][0], self.impl["node"]
        if int(cpu["page"]):
            self.add_page("cpu", cpu["page"].dereference())
        self.stocked = chain_length(cpu["freelist"], int(self.impl["offset"]))
        self.add_cpu_partial(cpu)
        partial = self.add_list("partial", node["partial"])
        self.check("nr_partial", int(node["nr_partial"]), partial)
        self.add_list("full", node["full"])
        self.total, self.nr_slabs = int(node["total_objects"]), int(node["nr_slabs"])

    def add_cpu_partial(self, cpu):
        at, count = cpu["partial"], 0
        while int(at) and count < LIMIT:
            self.add_page("cpu-partial", at.dereference())
            at = at["lru"]["next"].cast(at.type)
            count += 1
        self.check("the CPU's nr_partial", int(cpu["nr_partial"]), count)

    def add_list(self, place, head):
        pages, wrong = entries(head, "struct page", "lru")
        for page in pages:
            self.add_page(place, page)
        if wrong:
            self.broken.append(f"list of {place} slabs: {wrong}")
        return len(pages)

    def add_page(self, place, page):
        order = int(page["flags"]) >> ORDER_SHIFT & ORDER_MASK
        self.add_slab(place, page, order, int(page["objects"]), int(page["inuse"]))


class SlabCache(Cache):
    """kmem/slab_def.h, kmem/slab_priv.h"""

    def __init__(self, cache):
        super().__init__(cache)
        node = self.impl["nodelist"].dereference()
        for place in ("partial", "full", "free"):
            self.add_list(place, node[f"slabs_{place}"])
        self.nr_slabs = len(self.slabs)
        self.total = self.nr_slabs * int(self.impl["num"])
        self.check("free_objects", int(node["free_objects"]), self.free)
        for array in (self.impl["array"][0], node["shared"]):
            self.stocked += int(array["avail"]) if int(array) else 0

    def add_list(self, place, head):
        slabs, wrong = entries(head, "struct slab", "list")
        for slab in slabs:
            page = symbol("mem_map")[int(slab["s_mem"]) - PAGE_OFFSET >> PAGE_SHIFT]
            if "tail" in page_flag_names(int(page["flags"])):
                page = page["first_page"].dereference()
            self.add_slab(place, page, int(self.impl["gfporder"]), int(self.impl["num"]), int(slab["inuse"]))
        if wrong:
            self.broken.append(f"list of {place} slabs: {wrong}")


class SlobCache(Cache):
    """kmem/slob_def.h: objects of whole pages are slabs of one object, others lie in pages that all share."""

    def __init__(self, cache):
        super().__init__(cache)
        pages, wrong = entries(self.impl["blocks"], "struct page", "lru")
        for page in pages:
            self.add_slab("full", page, int(page["flags"]) >> ORDER_SHIFT & ORDER_MASK, 1, 1)
        if wrong:
            self.broken.append(f"list of blocks: {wrong}")
        self.total, self.nr_slabs = int(self.impl["live"]), len(self.slabs)


ALLOCATORS = {"slab": SlabCache, "slub": SlubCache, "slob": SlobCache}


def print_slabs(slabs, broken):
    for place, pfn, order, objects, inuse in slabs:
        print(f" slab {pfn:05x} order {order} {place} objects {objects} inuse {inuse}")
    for wrong in broken:
        print(f" BROKEN: {wrong}")


def print_cache(seen):
    cache = seen.cache
    print(f"cache {cache['name'].string()} object_size {int(cache['object_size'])} size {int(cache['size'])} "
          f"objects {seen.objects()} of {seen.total} slabs {seen.nr_slabs}")
    print_slabs(seen.slabs, seen.broken)
    if seen.stocked:
        print(f" stocked {seen.stocked}")


def print_slob_pages():
    """The shared pages with free units, a page's 2048 units counted as its objects."""
    slob, slabs, broken = symbol("slob"), [], []
    low, high = slob["lists"].type.range()
    for index in range(low, high + 1):
        pages, wrong = entries(slob["lists"][index], "struct page", "lru")
        slabs += [("partial", page_pfn(page), 0, PAGE_SIZE // 2, PAGE_SIZE // 2 - int(page["units"])) for page in pages]
        if wrong:
            broken.append(f"list {index}: {wrong}")
    print(f"shared pages {int(slob['nr_pages'])}, with free units {len(slabs)}")
    print_slabs(slabs, broken)


# ---- page tables --------------------------------------------------------------------------------------

def entry_words(raw):
    return " ".join(name for bit, name in ENTRY_FLAGS if raw & bit) or "none"


class EntryPrinter:
    """pte_t and pgd_t: frame and flags."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        raw = int(self.value["raw"])
        if raw and not raw & PRESENT:
            return f"0x{raw:08x} not present"
        return f"0x{raw:08x} {raw >> PAGE_SHIFT:05x} {entry_words(raw)}"


def is_twin():
    return gdb.lookup_global_symbol("twin_start") is not None


def current_cr3():
    if is_twin():
        return int(symbol("machine")["cr3"])
    value = gdb.parse_and_eval("$cr3")
    if value.type.code == gdb.TYPE_CODE_VOID:
        raise gdb.GdbError("this target has no CR3 to read: name a page directory")
    return int(value) & ~(PAGE_SIZE - 1) & 0xFFFFFFFF


def pse_is_on():
    if is_twin():
        return bool(int(symbol("machine")["options"]["cpu_features"]) & ARCH_CPU_PSE)
    value = gdb.parse_and_eval("$cr4")
    return value.type.code == gdb.TYPE_CODE_VOID or bool(int(value) & CR4_PSE)


def rights_words(user, write):
    """CR0.WP is always on, so a read-only page is read-only in ring 0 as well (SDM vol. 3A, 4.6.1)."""
    return f"{'user and kernel' if user else 'kernel only'}, {'read and write' if write else 'read only'}"


def walk(va, pgd):
    """Prints the walk of the page directory at physical address pgd for va."""
    index = va >> PGDIR_SHIFT
    slot = direct_map(pgd) + 4 * index
    pde = read_u32(slot)
    print(f"0x{va:08x} in the page directory at {pgd:08x}{' (swapper)' if pgd == SWAPPER_PG_DIR else ''}")
    print(f"  pgd[{index}] at 0x{slot:08x}: 0x{pde:08x} {entry_words(pde)}")
    if not pde & PRESENT:
        print("  not mapped: the directory entry is not present")
        return
    if pde & PSE and pse_is_on():
        if pde & PSE_NOT_ADDRESS:
            print(f"  bits 21:13 are not 0, but {pde & PSE_NOT_ADDRESS:08x}: a fault, or memory above 4 GiB")
            return
        finish_walk(pde & PSE_ADDRESS | va & ~PSE_ADDRESS & 0xFFFFFFFF, pde & USER, pde & RW)
        return
    index = va >> PAGE_SHIFT & (ENTRIES - 1)
    slot = direct_map(pde & ~(PAGE_SIZE - 1)) + 4 * index
    pte = read_u32(slot)
    print(f"  pte[{index}] at 0x{slot:08x}: 0x{pte:08x} {entry_words(pte)}")
    if not pte & PRESENT:
        print("  not mapped: the page-table entry is not present")
        return
    both = pde & pte
    finish_walk(pte & ~(PAGE_SIZE - 1) | va & (PAGE_SIZE - 1), both & USER, both & RW)


def finish_walk(phys, user, write):
    print(f"  physical {phys:08x}, {rights_words(user, write)}")
    mem_map, pfn = symbol("mem_map"), phys >> PAGE_SHIFT
    if int(mem_map) and pfn < int(symbol("memory")["max_pfn"]):
        print(f"  {describe_page(mem_map[pfn])}")
    else:
        print(f"  frame {pfn:05x} has no struct page")


def page_directory(text):
    """A directory named by a kernel pointer, a physical address, or "swapper"; physical address."""
    if text == "swapper":
        return SWAPPER_PG_DIR
    address = number(text)
    phys = address - PAGE_OFFSET if address >= PAGE_OFFSET else address
    if phys % PAGE_SIZE:
        raise gdb.GdbError(f"0x{address:08x} is no page directory: not page-aligned")
    return phys


# ---- commands -----------------------------------------------------------------------------------------

class MmCommand(gdb.Command):
    """A command that reads the target."""

    def __init__(self, name):
        super().__init__(name, gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)
        self.name = name

    def invoke(self, argument, _from_tty):
        try:
            self.run(gdb.string_to_argv(argument))
        except gdb.MemoryError as error:
            raise gdb.GdbError(f"{self.name}: {error}") from None

    def usage(self):
        raise gdb.GdbError(f"usage: {self.__doc__.splitlines()[0].split(': ')[0]}")

    def run(self, args):
        raise NotImplementedError


class MmPage(MmCommand):
    """mm-page PFN...: the struct page of a frame, all fields in words.
PFN is any expression; see also "print mem_map[PFN]"."""

    def run(self, args):
        if not args:
            self.usage()
        mem_map, max_pfn = need_mem_map(), int(symbol("memory")["max_pfn"])
        for arg in args:
            pfn = number(arg)
            if pfn >= max_pfn:
                raise gdb.GdbError(f"there is no frame 0x{pfn:x}: max_pfn is 0x{max_pfn:x}")
            print(describe_page(mem_map[pfn]))


class MmZones(MmCommand):
    """mm-zones: one line a zone.
Sizes are pages: spanned with holes, present without, managed by the allocator, free now."""

    def run(self, args):
        if args:
            self.usage()
        need_mem_map()
        for zone in all_zones():
            print(describe_zone(zone))


class MmBuddy(MmCommand):
    """mm-buddy [ZONE]: the free blocks of each order by first pfn, in list order.
Links, marks, alignment and counts are checked; what is wrong is said after BROKEN."""

    def run(self, args):
        if len(args) > 1:
            self.usage()
        need_mem_map()
        wanted = [zone for zone in all_zones()
                  if (zone["name"].string() == args[0] if args else int(zone["spanned_pages"]))]
        if not wanted:
            raise gdb.GdbError(f"no zone {args[0] if args else ''}; there are: {' '.join(zone_names())}")
        for zone in wanted:
            print_free_lists(zone)


class MmWalk(MmCommand):
    """mm-walk ADDRESS [PGD]: the page-table walk for an address.
PGD is swapper, a kernel pointer to a page directory, or its physical address; without it, CR3's."""

    def run(self, args):
        if not 1 <= len(args) <= 2:
            self.usage()
        pgd = page_directory(args[1]) if len(args) == 2 else current_cr3()
        if pgd == 0:
            raise gdb.GdbError("CR3 is 0: paging is off")
        walk(number(args[0]), pgd)


class MmSlabs(MmCommand):
    """mm-slabs [CACHE...]: caches of kernel objects, with their slabs list by list.
inuse counts stocked objects, which a CPU holds for those to come; "objects" does not. slub keeps full slabs
on no list. Without a name, caches that have slabs or objects."""

    def run(self, args):
        need_mem_map()
        if stage_name() not in ("kmem", "as"):
            raise gdb.GdbError("there are no kernel objects yet: the memory manager has not booted that far")
        # A header declares it without its length.
        name = symbol("kmem_allocator_name").address
        allocator = name.cast(gdb.lookup_type("char").pointer()).string()
        caches, wrong = entries(symbol("slab_caches"), "struct kmem_cache", "list")
        known = {cache["name"].string(): cache for cache in caches}
        for name in args:
            if name not in known:
                raise gdb.GdbError(f"no cache {name}")
        if allocator == "slob" and not args:
            print_slob_pages()
        for name in args or known:
            seen = ALLOCATORS[allocator](known[name])
            if args or seen.total or seen.broken:
                print_cache(seen)
        if wrong:
            print(f"BROKEN: list of caches: {wrong}")


class SpacesCommand(MmCommand):
    """A command on all address spaces."""

    def spaces(self, args):
        """They, and what is wrong with their list, or None."""
        if args:
            self.usage()
        if stage_name() != "as":
            raise gdb.GdbError("there are no address spaces yet: the memory manager has not booted that far")
        return entries(symbol("mm_list"), "struct mm_struct", "mmlist")


class MmSpaces(SpacesCommand):
    """mm-spaces: the address spaces, each with its areas as /proc/PID/maps has them.
Order and counts are checked; what is wrong is said after BROKEN."""

    @staticmethod
    def area(vma):
        flags = int(vma["vm_flags"])
        rights = "".join(letter if flags & bit else "-" for bit, letter in ((1, "r"), (2, "w"), (4, "x")))
        file = vma["vm_file"]
        return (f" {int(vma['vm_start']):08x}-{int(vma['vm_end']):08x} {rights}{'s' if flags & 0x80 else 'p'} "
                f"flags {flags:08x} pgoff {int(vma['vm_pgoff']):05x}"
                + (f" {file['f_inode']['name'].string()}" if int(file) else ""))

    def run(self, args):
        spaces, wrong = self.spaces(args)
        for mm in spaces:
            print(f"space pgd {int(mm['pgd']) - PAGE_OFFSET:08x} users {int(mm['mm_users'])} count "
                  f"{int(mm['mm_count'])} areas {int(mm['map_count'])} pages {int(mm['total_vm'])}")
            vma, end, areas = mm["mmap"], 0, 0
            while int(vma) and areas <= int(mm["map_count"]):
                print(self.area(vma))
                if int(vma["vm_start"]) < end:
                    print("  BROKEN: it begins before the one above ends")
                vma, end, areas = vma["vm_next"], int(vma["vm_end"]), areas + 1
            if areas != int(mm["map_count"]):
                print(f"  BROKEN: map_count says {int(mm['map_count'])}")
        if wrong:
            print(f"BROKEN: list of spaces: {wrong}")


class MmPageTables(SpacesCommand):
    """mm-page-tables: the page tables of each space's user half, and runs of their entries that go on
frame by frame with the same flags."""

    @staticmethod
    def table(slot, frame):
        base = slot << PGDIR_SHIFT
        data = bytes(gdb.selected_inferior().read_memory(direct_map(frame), PAGE_SIZE))
        raws = [int.from_bytes(data[i:i + 4], "little") for i in range(0, PAGE_SIZE, 4)]
        print(f" table {slot} {base:08x} pfn {frame >> PAGE_SHIFT:05x} entries {sum(raw != 0 for raw in raws)}")
        first = 0
        while first < ENTRIES:
            raw, end = raws[first], first + 1
            while raw and end < ENTRIES and raws[end] == raw + (end - first << PAGE_SHIFT):
                end += 1
            if raw:
                print(f"  {base + (first << PAGE_SHIFT):08x}-{base + (end << PAGE_SHIFT):08x} "
                      f"{raw >> PAGE_SHIFT:05x} {entry_words(raw)}")
            first = end

    def run(self, args):
        spaces, wrong = self.spaces(args)
        for mm in spaces:
            pgd = int(mm["pgd"])
            print(f"space pgd {pgd - PAGE_OFFSET:08x}")
            for slot in range(PAGE_OFFSET >> PGDIR_SHIFT):
                raw = read_u32(pgd + 4 * slot)
                frame = raw & -PAGE_SIZE
                if raw & PRESENT and frame >= MACHINE_WINDOW - PAGE_OFFSET:
                    print(f" table {slot} {slot << PGDIR_SHIFT:08x} pfn {frame >> PAGE_SHIFT:05x} in high memory")
                elif raw & PRESENT:
                    self.table(slot, frame)
        if wrong:
            print(f"BROKEN: list of spaces: {wrong}")


class MmE820(MmCommand):
    """mm-e820: the kernel's memory map, and the limits taken from it.
Ends are one past the last byte."""

    TYPES = {1: "usable", 2: "reserved", 3: "ACPI data", 4: "ACPI NVS", 5: "unusable"}

    def run(self, args):
        if args:
            self.usage()
        e820, memory = symbol("e820"), symbol("memory")
        print(f"stage {stage_name()} max_pfn {int(memory['max_pfn']):05x} "
              f"max_low_pfn {int(memory['max_low_pfn']):05x}")
        for i in range(min(int(e820["nr_map"]), e820["map"].type.range()[1] + 1)):
            entry = e820["map"][i]
            start, kind = int(entry["addr"]), int(entry["type"])
            end = start + int(entry["size"]) & (1 << 64) - 1
            print(f" e820: {start:016x} - {end:016x} " +
                  (f"({self.TYPES[kind]})" if kind in self.TYPES else f"type {kind}"))


def register():
    printers = gdb.printing.RegexpCollectionPrettyPrinter("pagetwin")
    printers.add_printer("page", "^page$", PagePrinter)
    printers.add_printer("zone", "^zone$", ZonePrinter)
    printers.add_printer("entry", "^(pte|pgd)_t$", EntryPrinter)
    gdb.printing.register_pretty_printer(None, printers, replace=True)
    for name, command in (("mm-page", MmPage), ("mm-zones", MmZones), ("mm-buddy", MmBuddy),
                          ("mm-walk", MmWalk), ("mm-slabs", MmSlabs), ("mm-spaces", MmSpaces),
                          ("mm-page-tables", MmPageTables),
                          ("mm-e820", MmE820)):
        command(name)
    gdb.execute("handle SIGSEGV nostop noprint pass", to_string=True)


register()
