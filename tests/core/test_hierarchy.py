from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from schemas.policy import DepartmentPolicy
from schemas.vocabulary import Department
from streams.core.hierarchy import below

NAMES = tuple(Department(one) for one in ("mayor", "khadamat", "parks", "pasmand", "fani"))


def department(
    name: str, *, parent: str | None = None, deputy: str | None = None
) -> DepartmentPolicy:
    return DepartmentPolicy(
        department=Department(name),
        title_fa="",
        title_en="",
        contact="",
        parent=None if parent is None else Department(parent),
        deputy=deputy,
    )


def by_name(*departments: DepartmentPolicy) -> Mapping[Department, DepartmentPolicy]:
    return {one.department: one for one in departments}


def names(*departments: str) -> frozenset[Department]:
    return frozenset(Department(one) for one in departments)


def test_below_is_who_has_it_as_parent_or_as_deputy_and_all_below_those() -> None:
    city = by_name(
        department("mayor"),
        department("khadamat", parent="mayor"),
        department("parks", parent="khadamat"),
        department("pasmand", deputy="khadamat"),
        department("fani"),
    )

    assert below(city, Department("khadamat")) == names("parks", "pasmand")
    assert below(city, Department("mayor")) == names("khadamat", "parks", "pasmand")


def test_nothing_is_below_a_department_that_nobody_answers_to() -> None:
    city = by_name(department("khadamat"), department("parks", parent="khadamat"))

    assert below(city, Department("parks")) == names()
    assert below(city, Department("nowhere")) == names()


def test_what_answers_to_a_name_that_is_no_department_is_below_that_name() -> None:
    city = by_name(department("parks", parent="gone"))

    assert below(city, Department("gone")) == names("parks")


def test_a_loop_is_gone_round_once_and_nobody_is_below_itself() -> None:
    city = by_name(
        department("fani", parent="parks"),
        department("parks", parent="khadamat", deputy="parks"),
        department("khadamat", parent="fani"),
    )

    assert below(city, Department("parks")) == names("fani", "khadamat")


@st.composite
def cities(draw: st.DrawFn) -> Mapping[Department, DepartmentPolicy]:
    above = st.none() | st.sampled_from(NAMES)
    return by_name(
        *(department(one, parent=draw(above), deputy=draw(above)) for one in draw(_some()))
    )


def _some() -> st.SearchStrategy[list[Department]]:
    return st.lists(st.sampled_from(NAMES), unique=True)


@given(city=cities(), one=st.sampled_from(NAMES))
def test_who_is_below_one_below_is_below_too(
    city: Mapping[Department, DepartmentPolicy], one: Department
) -> None:
    found = below(city, one)

    assert one not in found
    for under in found:
        assert below(city, under) <= found | {one}
        assert {city[under].parent, city[under].deputy} & (found | {one})
