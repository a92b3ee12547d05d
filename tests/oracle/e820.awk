# What a vector's memory map comes to, worked out a second time and in another way.
#
# Reads vectors (tests/vectors/*.vec) and computes, from the e820, ram, upper_kib and cmdline lines of
# each, what boot must print and find: the map, max_pfn, the zones, the pages that boot takes, the free
# blocks. Then it compares that with what the vector expects ("=>" and "|" lines), so that no
# expectation is merely what the memory manager happened to say. Nothing is shared with its C code:
#
#   the map     is painted: entries go onto an empty canvas in ascending order of type, and each covers
#               what lies beneath it. (The C code sweeps over sorted boundaries.)
#   boot memory is a list of free runs from which the known consumers take theirs, first fit.
#   free blocks follow from the runs of free pages alone: a buddy system is merged as far as it goes,
#               so its blocks are the largest aligned ones in each run, whatever the order of frees.
#
# Rules about a PC and the layout (numbers): shared/arch/layout.h and the comments in shared/boot.
#
# Addresses have 64 bits and awk's numbers 53: an address is a string of 16 hexadecimal digits, so that
# comparing strings compares addresses; its first 13 digits are a page number, which fits.
#
# Usage: awk -f e820.awk FILE...          compares; exit status 1 when anything differs
#        awk -v fill=1 -f e820.awk FILE   copies FILE to stdout with "=> ?" and "| ?" replaced by what
#                                         the rules give
# Verbs that look at the map and at untouched boot are understood; after any other one the rest of that
# vector is none of the oracle's business.
#
# POSIX awk; no gawk extensions.

BEGIN {
	DIGITS = "0123456789abcdef"
	ZERO = "0000000000000000"
	VGA = "00000000000a0000"       # RAM stops here, whatever firmware says,
	HIGH = "0000000000100000"      # and goes on here
	FAKE_LOW = "000000000009f000"  # end of low RAM when there is no map: BIOS data above
	TABLE_MAX = 32                 # entries of the kernel's table
	FIRMWARE_MAX = 128
	FOUR_GIB = 1048576             # in pages, as all that follow
	LOW_MAX = 229376               # 896 MiB of direct map
	DMA_END = 4096
	IMAGE = 256
	IMAGE_END = 1280
	EARLY_END = 2048               # mapped before paging_init()
	SLOT = 1024                    # pages of a 4 MiB page
	BLOCK_MAX = 10                 # order
	NAME[1] = "usable"; NAME[2] = "reserved"; NAME[3] = "ACPI data"; NAME[4] = "ACPI NVS"
	NAME[5] = "unusable"
	TYPE["usable"] = 1; TYPE["reserved"] = 2; TYPE["acpi"] = 3; TYPE["nvs"] = 4
	TYPE["unusable"] = 5
	STAGE["map"] = 1; STAGE["bootmem"] = 2; STAGE["paging"] = 3; STAGE["zones"] = 4
	STAGE["up"] = 5; STAGE["boot"] = 5
	STAGE_NAME[0] = "reset"; STAGE_NAME[1] = "map"; STAGE_NAME[2] = "bootmem"
	STAGE_NAME[3] = "paging"; STAGE_NAME[4] = "zones"; STAGE_NAME[5] = "up"
	# Verbs that change nothing the oracle looks at.
	n = split("verify walk page free_lists state vmstat pfn_to_page", word, " ")
	for (i = 1; i <= n; i++)
		HARMLESS[word[i]] = 1
	checked = wrong = vectors = 0
}

# ---- 64-bit numbers: 16 hexadecimal digits --------------------------------------------------------

function unhex(s,    i, n) {
	for (i = 1; i <= length(s); i++)
		n = n * 16 + index(DIGITS, substr(s, i, 1)) - 1
	return n + 0
}

function hex8(n,    i, s) {
	for (i = 0; i < 8; i++) {
		s = substr(DIGITS, n % 16 + 1, 1) s
		n = int(n / 16)
	}
	return s
}

# As printf's "%05x" has it.
function hex5(n,    s) {
	s = hex8(n)
	while (length(s) > 5 && s ~ /^0/)
		s = substr(s, 2)
	return s
}

function join64(hi, lo) {
	return hex8(hi) hex8(lo)
}

# a + b; sets carry when the sum does not fit.
function add64(a, b,    lo, hi) {
	lo = unhex(substr(a, 9)) + unhex(substr(b, 9))
	hi = unhex(substr(a, 1, 8)) + unhex(substr(b, 1, 8)) + int(lo / 4294967296)
	carry = hi >= 4294967296
	return join64(hi % 4294967296, lo % 4294967296)
}

# a - b, a >= b.
function sub64(a, b,    lo, hi) {
	lo = unhex(substr(a, 9)) - unhex(substr(b, 9))
	hi = unhex(substr(a, 1, 8)) - unhex(substr(b, 1, 8))
	if (lo < 0) {
		lo += 4294967296
		hi--
	}
	return join64(hi, lo)
}

function below(a, b) {
	return (a "") < (b "")
}

# a * n + d, n and d small; sets carry as above.
function muladd64(a, n, d,    lo, hi) {
	lo = unhex(substr(a, 9)) * n + d
	hi = unhex(substr(a, 1, 8)) * n + int(lo / 4294967296)
	carry = hi >= 4294967296
	return join64(hi % 4294967296, lo % 4294967296)
}

# Reads a size off the front of text into `number`, the rest into `rest`. Returns "" or an errno.
function take_size(text,    base, digits, d, shift) {
	digits = text
	base = 10
	number = ZERO
	if (text !~ /^[0-9]/)
		return "-22"
	if (text ~ /^0[xX][0-9a-fA-F]/) {
		base = 16
		digits = substr(text, 3)
	} else if (text ~ /^0/) {
		base = 8
	}
	for (;;) {
		d = index(DIGITS, tolower(substr(digits, 1, 1))) - 1
		if (digits == "" || d < 0 || d >= base)
			break
		number = muladd64(number, base, d)
		if (carry)
			return "-34"
		digits = substr(digits, 2)
	}
	shift = index("KMG", toupper(substr(digits, 1, 1)))
	if (digits != "" && shift) {
		while (shift--) {
			number = muladd64(number, 1024, 0)
			if (carry)
				return "-34"
		}
		digits = substr(digits, 2)
	}
	rest = digits
	return ""
}

# A size that is known to be sound.
function size_of(text) {
	return take_size(text) == "" ? number : ZERO
}

function first_page(addr) {
	return unhex(substr(addr, 1, 13)) + (substr(addr, 14) != "000")
}

function last_page(addr) {
	return unhex(substr(addr, 1, 13))
}

# ---- the canvas: segments, sorted, without overlaps -------------------------------------------------

function canvas_clear() {
	canvas_n = 0
}

function canvas_push(start, end, type) {
	canvas_n++
	canvas_start[canvas_n] = start
	canvas_end[canvas_n] = end
	canvas_type[canvas_n] = type
}

function paint(start, end, type,    i, n, s, e, t, done) {
	n = canvas_n
	for (i = 1; i <= n; i++) {
		s[i] = canvas_start[i]
		e[i] = canvas_end[i]
		t[i] = canvas_type[i]
	}
	canvas_clear()
	for (i = 1; i <= n; i++) {
		if (below(s[i], start))
			canvas_push(s[i], below(e[i], start) ? e[i] : start, t[i])
		if (!done && !below(e[i], start)) {
			canvas_push(start, end, type)
			done = 1
		}
		if (below(end, e[i]))
			canvas_push(below(s[i], end) ? end : s[i], e[i], t[i])
	}
	if (!done)
		canvas_push(start, end, type)
}

# Joins neighbours of one type.
function canvas_join(    i, n) {
	n = 0
	for (i = 1; i <= canvas_n; i++) {
		if (n && canvas_type[n] == canvas_type[i] && canvas_end[n] == canvas_start[i]) {
			canvas_end[n] = canvas_end[i]
			continue
		}
		n++
		canvas_start[n] = canvas_start[i]
		canvas_end[n] = canvas_end[i]
		canvas_type[n] = canvas_type[i]
	}
	canvas_n = n
}

# Sanitizes map_* (map_n entries) with room for max. Returns "", "-EINVAL" or "-ENOSPC".
function sanitize(max,    i, end, type, next_type) {
	if (map_n < 2)
		return "-EINVAL"
	for (i = 1; i <= map_n; i++) {
		add64(map_start[i], map_size[i])
		if (carry)
			return "-EINVAL"
	}
	canvas_clear()
	for (type = 0; type >= 0; type = next_type) {
		next_type = -1
		for (i = 1; i <= map_n; i++) {
			if (map_type[i] > type && (next_type < 0 || map_type[i] < next_type))
				next_type = map_type[i]
			if (map_type[i] == type && type && map_size[i] != ZERO)
				paint(map_start[i], add64(map_start[i], map_size[i]), type)
		}
	}
	canvas_join()
	if (canvas_n > max)
		return "-ENOSPC"
	map_n = 0
	for (i = 1; i <= canvas_n; i++)
		map_add(canvas_start[i], sub64(canvas_end[i], canvas_start[i]), canvas_type[i])
	return ""
}

function map_add(start, size, type) {
	map_n++
	map_start[map_n] = start
	map_size[map_n] = size
	map_type[map_n] = type
}

# ---- the kernel's table ------------------------------------------------------------------------------

# Returns "" or an errno.
function table_add(start, size, type,    end) {
	end = add64(start, size)
	if (carry) {
		say("e820: region " start " + " size " wraps, ignored")
		return "-22"
	}
	if (table_n == TABLE_MAX) {
		say("e820: no room for " start " - " end ": the table holds " TABLE_MAX " entries")
		return "-28"
	}
	table_n++
	table_start[table_n] = start
	table_size[table_n] = size
	table_type[table_n] = type
	return ""
}

function table_print(who,    i, type) {
	for (i = 1; i <= table_n; i++) {
		type = table_type[i]
		type = type in NAME ? "(" NAME[type] ")" : "type " type
		say(" " who ": " table_start[i] " - " add64(table_start[i], table_size[i]) " " type)
	}
}

function copy_map(    i, end, err) {
	for (i = 1; i <= map_n && err == ""; i++) {
		end = add64(map_start[i], map_size[i])
		if (map_type[i] != 1) {
			err = table_add(map_start[i], map_size[i], map_type[i])
			continue
		}
		if (below(map_start[i], VGA))
			err = add_ram(map_start[i], below(end, VGA) ? end : VGA)
		if (err == "" && below(HIGH, end))
			err = add_ram(below(map_start[i], HIGH) ? HIGH : map_start[i], end)
	}
}

function add_ram(start, end) {
	return table_add(start, sub64(end, start), 1)
}

function firmware_map(    err, who) {
	table_n = 0
	who = "BIOS-e820"
	err = sanitize(FIRMWARE_MAX)
	if (err != "")
		say("e820: the firmware's map of " map_n " entries cannot be sorted")
	if (err != "" || map_n < 2) {
		who = "BIOS-88"
		add_ram(ZERO, FAKE_LOW)
		table_add(HIGH, size_of(upper_kib "K"), 1)
	} else {
		copy_map()
	}
	say("BIOS-provided physical RAM map:")
	table_print(who)
}

# The table, then a user's region: painted anew, so that the higher type wins as with firmware's.
function user_region(start, size, type,    err, i) {
	err = table_add(start, size, type)
	if (err != "" || table_n < 2)
		return err
	map_n = 0
	for (i = 1; i <= table_n; i++)
		map_add(table_start[i], table_size[i], table_type[i])
	if (sanitize(TABLE_MAX) != "") {
		table_n--
		return "-28"
	}
	table_n = 0
	for (i = 1; i <= map_n; i++)
		table_add(map_start[i], map_size[i], map_type[i])
	return ""
}

function limit_ram(limit,    i, n, s, z, t) {
	n = table_n
	for (i = 1; i <= n; i++) {
		s[i] = table_start[i]
		z[i] = table_size[i]
		t[i] = table_type[i]
	}
	table_n = 0
	for (i = 1; i <= n; i++) {
		if (t[i] != 1 || !below(limit, add64(s[i], z[i])))
			table_add(s[i], z[i], t[i])
		else if (below(s[i], limit))
			table_add(s[i], sub64(limit, s[i]), 1)
	}
}

# One "mem=" or "memmap=" word's value. Returns "" or an errno.
function memory_word(value, memmap,    err, size, type, mark) {
	if (value == "nopentium" && !memmap) {
		nopentium = 1
		return ""
	}
	if (value == "exactmap") {
		table_n = 0
		user_map = exact = 1
		return ""
	}
	err = take_size(value)
	if (err != "")
		return err
	size = number
	if (rest == "") {
		user_map = 1
		limit_ram(size)
		return ""
	}
	mark = substr(rest, 1, 1)
	type = mark == "@" ? 1 : memmap && mark == "#" ? 3 : memmap && mark == "$" ? 2 : 0
	if (!type)
		return "-22"
	err = take_size(substr(rest, 2))
	if (err != "")
		return err
	add64(number, size)
	if (rest != "" || size == ZERO || carry)
		return "-22"
	if (!memmap && !exact) {
		table_n = 0
		exact = 1
	}
	user_map = 1
	return user_region(number, size, type)
}

# The value of "kernelcore=" or "movablecore=": a size, not 0, that is the whole rest of the word.
function core_word(name, value,    err) {
	err = take_size(value)
	if (err != "")
		return err
	if (rest != "" || number == ZERO)
		return "-22"
	asked[name] = number
	return ""
}

function command_line(    n, i, word, err) {
	n = split(cmdline, word, /[ \t]+/)
	for (i = 1; i <= n; i++) {
		err = ""
		if (word[i] ~ /^kernelcore=/)
			err = core_word("kernel", substr(word[i], 12))
		else if (word[i] ~ /^movablecore=/)
			err = core_word("movable", substr(word[i], 13))
		else if (word[i] ~ /^mem=/)
			err = memory_word(substr(word[i], 5), 0)
		else if (word[i] ~ /^memmap=/)
			err = memory_word(substr(word[i], 8), 1)
		if (err != "")
			say("command line: \"" word[i] "\" ignored: error " err)
	}
	if (user_map) {
		say("user-defined physical RAM map:")
		table_print("user")
	}
}

# ---- pages -------------------------------------------------------------------------------------------

# Free runs: run_start[i] .. run_end[i] - 1, sorted.
function runs_of_ram(from, to,    i, start, end) {
	run_n = 0
	for (i = 1; i <= table_n; i++) {
		start = first_page(table_start[i])
		end = last_page(add64(table_start[i], table_size[i]))
		if (start < from)
			start = from
		if (end > to)
			end = to
		if (table_type[i] == 1 && start < end)
			run_add(start, end)
	}
}

function run_add(start, end) {
	run_n++
	run_start[run_n] = start
	run_end[run_n] = end
}

function runs_total(    i, n) {
	for (i = 1; i <= run_n; i++)
		n += run_end[i] - run_start[i]
	return n + 0
}

# Takes the pages from .. to - 1 out of the runs, as far as they are in them.
function runs_remove(from, to,    i, n, s, e) {
	n = run_n
	for (i = 1; i <= n; i++) {
		s[i] = run_start[i]
		e[i] = run_end[i]
	}
	run_n = 0
	for (i = 1; i <= n; i++) {
		if (s[i] < from)
			run_add(s[i], e[i] < from ? e[i] : from)
		if (e[i] > to)
			run_add(s[i] > to ? s[i] : to, e[i])
	}
}

# First fit at or above goal, else anywhere above page 0. Dies when there is none: so does boot.
function take_pages(count, goal,    pass, i, start) {
	for (pass = 0; pass < 2; pass++) {
		for (i = 1; i <= run_n; i++) {
			start = run_start[i] < goal ? goal : run_start[i]
			if (start + count <= run_end[i]) {
				runs_remove(start, start + count)
				return start
			}
		}
		goal = 1
	}
	die("no room for " count " pages of boot memory")
}

function present_pages(from, to,    i, n, s, e) {
	for (i = 1; i <= ram_n; i++) {
		s = ram_start[i] < from ? from : ram_start[i]
		e = ram_end[i] > to ? to : ram_end[i]
		if (s < e)
			n += e - s
	}
	return n + 0
}

function find_limits(    i) {
	runs_of_ram(0, 4294967295)
	max_pfn = 0
	for (i = 1; i <= run_n; i++)
		if (run_end[i] > max_pfn)
			max_pfn = run_end[i]
	if (max_pfn > FOUR_GIB) {
		max_pfn = FOUR_GIB
		say("Warning: only 4 GiB of RAM are used; more takes PAE")
	}
	max_low = max_pfn
	if (max_pfn > LOW_MAX) {
		max_low = LOW_MAX
		say(int((max_pfn - max_low) / 256) "MB HIGHMEM available.")
	}
	say(int(max_low / 256) "MB LOWMEM available.")
	runs_of_ram(0, max_pfn)
	ram_n = run_n
	for (i = 1; i <= run_n; i++) {
		ram_start[i] = run_start[i]
		ram_end[i] = run_end[i]
	}
}

function start_bootmem(    i, pages) {
	bitmap_pages = int((int((max_low + 31) / 32) * 4 + 4095) / 4096)
	runs_of_ram(IMAGE_END, EARLY_END)
	bitmap = 0
	for (i = run_n; i >= 1; i--)
		if (run_end[i] - run_start[i] >= bitmap_pages)
			bitmap = run_start[i]
	if (!bitmap)
		die("no room for the bitmap")
	runs_of_ram(0, max_low)
	runs_remove(0, 1)
	runs_remove(IMAGE, IMAGE_END)
	runs_remove(bitmap, bitmap + bitmap_pages)
}

function direct_map(    tables) {
	if (nopentium)
		tables = int((max_low + SLOT - 1) / SLOT) - 1  # pg0 serves on
	else
		tables = max_low % SLOT != 0
	while (tables--)
		take_pages(1, 0)
	take_pages(1, DMA_END) # the fixmap's table
}

# Bootmem's last act: the bitmap is free again, and so is high memory.
function end_bootmem(    i) {
	run_add(bitmap, bitmap + bitmap_pages)
	for (i = 1; i <= ram_n; i++)
		if (ram_end[i] > max_low)
			run_add(ram_start[i] < max_low ? max_low : ram_start[i], ram_end[i])
	runs_normalize()
}

# Sorts the runs and joins those that touch.
function runs_normalize(    i, j, n, s, e) {
	for (i = 2; i <= run_n; i++) {
		s = run_start[i]
		e = run_end[i]
		for (j = i - 1; j >= 1 && run_start[j] > s; j--) {
			run_start[j + 1] = run_start[j]
			run_end[j + 1] = run_end[j]
		}
		run_start[j + 1] = s
		run_end[j + 1] = e
	}
	n = 0
	for (i = 1; i <= run_n; i++) {
		if (n && run_end[n] == run_start[i]) {
			run_end[n] = run_end[i]
			continue
		}
		n++
		run_start[n] = run_start[i]
		run_end[n] = run_end[i]
	}
	run_n = n
}

# How many pages of RAM the command line keeps out of the Movable zone; 0: it says nothing of the kind.
function pages_for_all(    total, core, movable) {
	total = present_pages(0, max_pfn)
	core = 0
	if (asked["movable"] != ZERO) {
		movable = first_page(asked["movable"])
		movable = int((movable + SLOT - 1) / SLOT) * SLOT
		core = total > movable ? total - movable : 0
	}
	if (asked["kernel"] != ZERO && last_page(asked["kernel"]) > core)
		core = last_page(asked["kernel"])
	return core < total ? core : 0
}

# Where the Movable zone begins: the first page of the highest zone below which there is RAM enough, found by
# halving what may hold it; then the next whole block of 4 MiB.
function movable_start(zone_first,    core, low, high, middle) {
	core = pages_for_all()
	if (!core)
		return max_pfn
	low = zone_first
	high = max_pfn
	while (low < high) {
		middle = int((low + high) / 2)
		if (present_pages(0, middle) >= core)
			high = middle
		else
			low = middle + 1
	}
	low = int((low + SLOT - 1) / SLOT) * SLOT
	return low < max_pfn ? low : max_pfn
}

function zone_bounds(    z, highest, border) {
	zone_start[0] = 0
	zone_end[0] = zone_start[1] = max_low < DMA_END ? max_low : DMA_END
	zone_end[1] = zone_start[2] = max_low
	zone_end[2] = zone_end[3] = max_pfn
	ZONE[0] = "DMA"
	ZONE[1] = "Normal"
	ZONE[2] = "HighMem"
	ZONE[3] = "Movable"
	highest = max_pfn > max_low ? 2 : max_low > DMA_END ? 1 : 0
	border = movable_start(zone_start[highest])
	zone_start[3] = border
	for (z = 0; z < 3; z++) {
		if (zone_start[z] > border)
			zone_start[z] = border
		if (zone_end[z] > border)
			zone_end[z] = border
	}
}

# Free pages of a zone; sets blocks[order], the counts of its free blocks.
function zone_free(z,    i, s, e, order, n) {
	for (order = 0; order <= BLOCK_MAX; order++)
		blocks[order] = 0
	for (i = 1; i <= run_n; i++) {
		s = run_start[i] < zone_start[z] ? zone_start[z] : run_start[i]
		e = run_end[i] > zone_end[z] ? zone_end[z] : run_end[i]
		while (s < e) {
			order = 0
			while (order < BLOCK_MAX && s % 2 ^ (order + 1) == 0 && s + 2 ^ (order + 1) <= e)
				order++
			blocks[order]++
			s += 2 ^ order
			n += 2 ^ order
		}
	}
	return n + 0
}

function say_zones(    z, free) {
	zone_bounds()
	for (z = 0; z < 4; z++) {
		if (z == 3 && zone_start[z] == zone_end[z])
			continue
		free = stage == 5 ? zone_free(z) : 0
		say("zone " ZONE[z] " start " hex5(zone_start[z]) " spanned " \
		    (zone_end[z] - zone_start[z]) " present " \
		    present_pages(zone_start[z], zone_end[z]) " managed " free " free " free)
	}
}

function say_buddyinfo(    z, order, text) {
	zone_bounds()
	for (z = 0; z < 4; z++) {
		if (zone_start[z] == zone_end[z])
			continue
		zone_free(z)
		text = "Node 0, zone " ZONE[z]
		for (order = 0; order <= BLOCK_MAX; order++)
			text = text " " (stage == 5 ? blocks[order] : 0)
		say(text)
	}
}

# ---- boot --------------------------------------------------------------------------------------------

# The stages and what each prints: shared/top/mm_init.h.
function next_stage() {
	stage++
	if (stage == 1) {
		firmware_map()
		command_line()
		find_limits()
	} else if (stage == 2) {
		start_bootmem()
	} else if (stage == 3) {
		direct_map()
	} else if (stage == 4) {
		take_pages(int((max_pfn * 32 + 4095) / 4096), DMA_END) # mem_map
	} else {
		end_bootmem()
		say("Memory: " runs_total() * 4 "k available")
	}
}

# ---- reading vectors, and judging ----------------------------------------------------------------------

function die(why) {
	print FILENAME ":" FNR ": " why
	wrong++
	blind = 1
}

function say(line) {
	output[++output_n] = line
}

function begin_vector(name) {
	vector = name
	vectors++
	map_n = table_n = 0
	upper_kib = 0
	cmdline = ""
	asked["kernel"] = asked["movable"] = ZERO
	stage = max_pfn = max_low = 0
	user_map = exact = nopentium = blind = 0
	output_n = 0
	pending = ""
	in_steps = 0
}

function header(text,    size) {
	if ($1 == "e820")
		map_add(size_of($2), size_of($3), $4 in TYPE ? TYPE[$4] : $4 + 0)
	else if ($1 == "ram") {
		size = size_of($2)
		map_add(ZERO, VGA, 1)
		map_add(HIGH, sub64(size, HIGH), 1)
	} else if ($1 == "upper_kib")
		upper_kib = $2
	else if ($1 == "cmdline") {
		cmdline = substr(text, index(text, "\"") + 1)
		cmdline = substr(cmdline, 1, index(cmdline, "\"") - 1)
	}
}

# Does the pattern fit the text, word by word? As in the vector language: "*" and "...".
function fits(pattern, text,    n, m, p, t, i) {
	n = split(pattern, p, " ")
	m = split(text, t, " ")
	for (i = 1; i <= n; i++) {
		if (p[i] == "...")
			return 1
		if (i > m || (p[i] != "*" && p[i] != t[i]))
			return 0
	}
	return n == m
}

function differ(what, expected, found) {
	print FILENAME ":" FNR ": " vector ": " what
	print "  vector: " expected
	print "  oracle: " found
	wrong++
}

# Performs a step that the oracle understands: fills output[] and returns the step's result; "" when it
# does not understand.
function step(    err, i, last) {
	output_n = output_at = 0
	if ($1 == "boot" || $1 == "boot_to") {
		last = STAGE[$1 == "boot" ? "boot" : $2]
		if (last <= stage)
			return ""
		while (stage < last && !blind)
			next_stage()
		return "ok"
	}
	if ($1 == "sanitize_e820_map" && stage == 0) {
		err = sanitize($2 ~ /^[0-9]/ ? $2 + 0 : FIRMWARE_MAX)
		if (err != "")
			return err
		for (i = 1; i <= map_n; i++)
			say(map_start[i] " - " add64(map_start[i], map_size[i]) " type " map_type[i])
		return map_n " entries"
	}
	if ($1 == "print_memory_map") {
		table_print("e820")
		return table_n " entries"
	}
	if ($1 == "memory_map") {
		say("stage " STAGE_NAME[stage] " max_pfn " hex5(max_pfn) " max_low_pfn " hex5(max_low))
		if (asked["kernel"] != ZERO || asked["movable"] != ZERO)
			say(sprintf("kernelcore %.0f movablecore %.0f", unhex(asked["kernel"]),
				    unhex(asked["movable"])))
		table_print("e820")
		return "ok"
	}
	if ($1 == "zones" && stage >= 4) {
		say_zones()
		return "ok"
	}
	if ($1 == "buddyinfo" && stage >= 4) {
		say_buddyinfo()
		return "ok"
	}
	if ($1 == "nr_free_pages" && stage == 5 || $1 == "bootmem_free_pages" && stage >= 2 && stage < 5)
		return runs_total() ""
	return ""
}

# The lines that a step printed and no "|" line spoke of, if some did.
function end_step() {
	if (pending == "lines" && output_at < output_n)
		differ("output that is not expected", "", output[output_at + 1])
	pending = ""
}

function expected_line(text) {
	sub(/^[ \t]*\|[ \t]*/, "", text)
	# Words that are not about memory maps: others answer for them.
	if (text ~ /^(command line: ")?(failslab|fail_page_alloc|page_owner|page_poison|kmemleak|slub_)/)
		return
	checked++
	pending = "lines"
	if (fits(text, "...")) {
		output_at = output_n
		return
	}
	if (++output_at > output_n)
		differ("output that does not come", text, "")
	else if (!fits(text, output[output_at]))
		differ("output", text, output[output_at])
}

function statement(text,    result, at, expected) {
	in_steps = 1
	if ($1 ~ /^[a-z_0-9]+$/ && $2 == "=" && $3 in HARMLESS || $1 in HARMLESS)
		return text
	result = blind ? "" : step()
	if (result == "" || blind) {
		blind = 1
		return text
	}
	pending = "step"
	at = index(text, "=>")
	if (!at)
		return text
	expected = substr(text, at + 2)
	sub(/ #.*/, "", expected)
	if (fill && expected ~ /^ *\?/)
		return substr(text, 1, at + 1) " " result
	checked++
	if (!fits(expected, result))
		differ("result", expected, result)
	return text
}

{
	sub(/\r$/, "")
	line = $0
	if ($1 == "" || $1 ~ /^#/) {
		# nothing
	} else if ($1 ~ /^\|/) {
		if (pending != "" && fill && $2 == "?") {
			for (i = 1; i <= output_n; i++) {
				text = output[i]
				sub(/^ */, "", text)
				print "| " text
			}
			output_at = output_n
			next
		}
		if (pending != "")
			expected_line($0)
	} else {
		end_step()
		if ($1 == "vector")
			begin_vector($2)
		else if (!in_steps && $1 ~ /^(about|source|e820|ram|upper_kib|cmdline)$/)
			header($0)
		else if ($1 != "end")
			line = statement($0)
	}
	if (fill)
		print line
}

END {
	end_step()
	if (!fill)
		print vectors " vectors, " checked " expectations compared, " wrong " wrong"
	exit wrong != 0
}
