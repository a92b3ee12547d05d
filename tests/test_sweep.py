"""The sweep: how often vectors run, what it says of them, and that a sweep over nothing is not green.

That it finds what it is for is shown by tests/planted/sweep-*.patch.
"""
import re

from conftest import FAIL, PASS, ROOT, boot, twin

SMOKE = ROOT / "tests" / "vectors" / "smoke.vec"
HEAD = "ram 8M\nboot_to up => ok\n"


def sweep(tmp_path, steps, *args):
    path = tmp_path / "v.vec"
    path.write_text(f"vector swept\n{steps}end\n")
    return twin("run", "--append", "sweep", *args, path)


def said(run):
    """(runs, failures injected) of the one vector."""
    return tuple(map(int, re.search(r"^# sweep swept: (\d+) runs, (\d+) failures injected$", run.out, re.M).groups()))


def test_both_sides_say_the_same():
    runs = twin("run", "--append", "sweep", SMOKE), boot("--append", "sweep", "--module", SMOKE)
    for run in runs:
        assert run.status == PASS, run.out
        lines = run.out.splitlines()
        assert "1..2" in lines and "# sweep smoke/walk: 4 runs, 3 failures injected" in lines
        assert "ok 1 smoke/walk" in lines and "ok 2 sweep/total" in lines
        assert "# sweep of 1 vectors: 4 runs, 3 failures injected" in lines
        assert not [line for line in lines if re.match(r"#  \d", line)], "steps are not printed"


def test_each_allocation_once(tmp_path):
    run = sweep(tmp_path, HEAD + "p = alloc_pages 0 => *  *\nq = alloc_pages_exact 20K => *\ns = pgd_alloc => * *\n")
    assert run.status == PASS and said(run) == (4, 3), run.out


def test_what_does_not_count(tmp_path):
    """The hoard, __GFP_NOFAIL, no order, and what the vector's own knobs fail."""
    steps = ("hoard 0 GFP_KERNEL 9 => 9 blocks\np = alloc_pages 0 GFP_KERNEL|__GFP_NOFAIL => * *\n"
             "q = alloc_pages 11 => -ENOMEM\nfail_page_alloc nth 1 => ok\nr = alloc_pages 0 => -ENOMEM\n")
    run = sweep(tmp_path, HEAD + steps + "s = alloc_pages 0\n")
    assert run.status == PASS and said(run) == (2, 1), run.out


def test_nothing_to_fail_is_not_green(tmp_path):
    run = sweep(tmp_path, HEAD + "nr_free_pages\n")
    assert run.status == FAIL and said(run) == (1, 0)
    assert "# fail sweep: there was no allocation to fail\nnot ok 2 sweep/total" in run.out


def test_expectations_count_until_the_failure(tmp_path):
    steps = HEAD + "p = alloc_pages 0 => pfn 00012\nnr_free_pages => 909\nq = alloc_pages 0 => pfn 00013\n"
    assert sweep(tmp_path, steps).status == PASS
    run = sweep(tmp_path, steps.replace("909", "908"))
    assert run.status == FAIL
    assert re.search(r'^# fail \S+:5:18: sweep, allocation 2 failing: result "909", expected "908"$', run.out, re.M)
    assert said(run) == (2, 1), "the first run does not come to what is wrong"
    run = sweep(tmp_path, HEAD + "p = alloc_pages 0 => *  *\nstate => ok\n| nothing\n")
    assert run.status == FAIL and re.search(r"^# fail .*: sweep, allocation 2 failing: output ", run.out, re.M)


def test_damage_left_behind(tmp_path):
    run = sweep(tmp_path, HEAD + "p = alloc_pages 0\ntamper_zone 0 high 9999\ntamper_zone 0 free_pages 3\n")
    assert run.status == FAIL and "sweep, allocation 1 failing: mm_verify() found" in run.out


def test_only(tmp_path):
    run = sweep(tmp_path, HEAD + "p = alloc_pages 0\n", "--only", "other")
    assert run.status == FAIL and "no vector to run" in run.out
