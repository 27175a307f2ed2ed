"""`/staff/v1`: who works for a municipality, and how they sign in."""

from fastapi import APIRouter

from services.staff.account_routes import account_routes
from services.staff.desk import StaffDesk
from services.staff.session_routes import session_routes


def staff_routes(desk: StaffDesk) -> APIRouter:
    routes = APIRouter(prefix="/staff/v1")
    routes.include_router(session_routes(desk))
    routes.include_router(account_routes(desk))
    return routes
