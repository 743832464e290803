import csv
import os
import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from customers.accounts.services import *
from customers.attachments.services import PaperInput, add_attachment
from customers.parts.services import *
from salesops.users.delegation.services import give_delegation
from salesops.users.models import *
from salesops.users.people.services import *
from salesops.users.roles import Role
from tests.support.build import *

OUT = Path("/tmp/shots_me")


def world():
    r = random.Random(4)
    ids = {}
    rows = list(csv.DictReader(open("/work/shared/data/china_divisions/region_tree.csv")))
    for level in sorted({int(x["level"]) for x in rows}):
        new = [
            Region(code=x["code"], name=x["name"], name_zh=x["name"], level=level, parent_id=ids.get(x["parentCode"]))
            for x in rows
            if int(x["level"]) == level
        ]
        for one in Region.objects.bulk_create(new):
            ids[one.code] = one.pk
    js = Region.objects.get(code="32")
    js.name = "Jiangsu"
    js.save()
    cities = list(Region.objects.filter(parent=js))
    team = make_team("Jiangsu North", name_zh="苏北组", region=js)
    admin = make_user(Role.ADMINISTRATOR, username="admin", full_name="Wu Fang", full_name_zh="吴芳", language="en")
    sup = make_user(
        (Role.SUPERVISOR, Role.REPRESENTATIVE),
        username="supervisor",
        full_name="Lin Yue",
        full_name_zh="林悦",
        team=team,
    )
    reps = [
        make_user(
            Role.REPRESENTATIVE,
            username=f"rep{i}" if i else "representative",
            full_name=n,
            full_name_zh=z,
            team=team,
            phone="138 0000 0000",
        )
        for i, (n, z) in enumerate([("Gao Lei", "高磊"), ("Chen Siyuan", "陈思远"), ("Zhou Min", "周敏")])
    ]
    fin = make_user(Role.FINANCE, username="finance", full_name="Zhao Min", full_name_zh="赵敏")
    make_user(Role.REGIONAL_MANAGER, username="regional-manager", full_name="Xu Hai", full_name_zh="徐海", region=js)
    make_user(Role.PERSONNEL, username="personnel", full_name="Qian Duo", full_name_zh="钱多", is_active=True)
    names = [
        "Nantong Jianghai Household|南通江海家居",
        "Wuxi Taihu Home|无锡太湖家居",
        "Changzhou Longcheng|常州龙城家居",
        "Suzhou Ruifeng Trading|苏州瑞丰贸易",
        "Xuzhou Pengcheng|徐州彭城建材",
        "Yangzhou Shouxi|扬州瘦西湖家居",
    ]
    cs = []
    for i in range(70):
        n, z = names[i % 6].split("|")
        lim = r.choice([None, Decimal(0), Decimal(900000), Decimal(300000), Decimal(500000)])
        bal = Decimal(r.randint(-3000000, 60000000)) / 100
        cs.append(
            make_customer(
                n + (f" {i // 6 + 1}" if i > 5 else ""),
                name_zh=z,
                code=f"A-{1031 + i}",
                region=r.choice(cities),
                representative=r.choice(reps),
                limit=lim,
                balance=bal,
                committed=Decimal(r.randint(0, 9000000)) / 100,
                grade=r.choice("ABC"),
                is_on_hold=i % 17 == 3,
                hold_reason="Cheque returned on 2026-11-02" if i % 17 == 3 else "",
                hold_at=timezone.now() if i % 17 == 3 else None,
                phone="0513 8888 %04d" % i,
            )
        )
    agent = make_user(Role.AGENT, username="agent", full_name="Cao Hong", full_name_zh="曹红", customer=cs[0])
    c = cs[0]
    c.representative = reps[0]
    c.tax_number = "91320600MA1XYZ"
    c.save()
    CreditAccount.objects.filter(pk=c.pk).update(limit=900000, balance=742180, committed=96000, due_days=45)
    c.territory.set(cities[:2])
    cs[7].parent = c
    cs[7].representative = reps[0]
    cs[7].save()
    add_contact(c.pk, ContactInput("Cao Hong 曹红", "Owner", "0513 8888 0001", "cao@jianghai.example"), by=reps[0])
    add_contact(c.pk, ContactInput("Lu Ping 陆平", "Warehouse", "139 2222 3333"), by=reps[0])
    add_address(
        c.pk,
        AddressInput("Main warehouse", "江苏省南通市崇川区工农路 118 号 3 栋", "陆平", "139 2222 3333"),
        by=reps[0],
    )
    today = timezone.localdate()
    add_attachment(
        c.pk,
        PaperInput("Business licence", number="3206000012", valid_until=today + timedelta(12)),
        by=reps[0],
        file=SimpleUploadedFile("营业执照.pdf", b"%PDF-1.7 " + b"x" * 48000),
    )
    add_attachment(
        c.pk,
        PaperInput("Agency agreement 2026", "agreement", "AG-2026-031", date(2026, 1, 1), today - timedelta(3)),
        by=reps[0],
    )
    add_attachment(
        c.pk,
        PaperInput("Warehouse lease", "other"),
        by=reps[0],
        file=SimpleUploadedFile("lease.png", b"\x89PNG\r\n\x1a\n" + b"x" * 4800),
    )
    add_note(c.pk, by=reps[0], text="Pays after the fair each quarter; call Ms Cao, not the accountant.\nSecond line.")
    set_credit_terms(c.pk, by=fin, limit=Decimal(950000), due_rule="shipment", due_days=45, tolerance_days=15)
    set_credit_terms(c.pk, by=fin, limit=Decimal(900000), due_rule="month_end", due_days=30, tolerance_days=10)
    change_contact(
        c.contacts.first().pk,
        ContactInput("Cao Hong 曹红", "General manager", "0513 8888 0001", "cao@jianghai.example", True),
        by=reps[0],
    )
    remove_contact(c.contacts.last().pk, by=sup)
    give_delegation(
        by=reps[0],
        giver_id=reps[0].pk,
        taker_id=reps[1].pk,
        first_day=today,
        last_day=today + timedelta(5),
        reason="Canton fair",
    )
    give_delegation(
        by=sup,
        giver_id=sup.pk,
        taker_id=reps[2].pk,
        first_day=today + timedelta(10),
        last_day=today + timedelta(15),
        reason="On leave",
    )
    change_person(
        reps[0].pk,
        PersonInput(
            "representative",
            "Gao Lei",
            "高磊",
            "138 1111 1111",
            "gao@x.example",
            js.pk,
            team.pk,
            None,
            "en",
            frozenset({"representative", "supervisor"}),
        ),
        by=admin,
    )


PAGES = os.environ.get("PAGES", "").split()


@pytest.mark.django_db(transaction=True)
def test_shots(live_server, page, sign_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world()
    logs = []
    page.on("console", lambda m: logs.append((page.url, m.type, m.text)) if m.type in ("error", "warning") else None)
    page.on("response", lambda r: logs.append((r.url, r.status)) if r.status >= 500 or (r.status == 404) else None)
    plan = {
        "admin": [
            "people/",
            "people/new/",
            "people/representative/",
            "people/representative/change/",
            "people/representative/password/",
            "roles/",
            "regions/",
            "regions/?q=无锡",
            "regions/new/?in=32",
            "teams/",
            "delegation/",
            "delegation/new/",
            "team/",
            "customers/?q=jianghai",
            "password/",
            "find/?q=gao",
        ],
        "supervisor": [
            "customers/",
            "customers/A-1031/",
            "customers/A-1031/change/",
            "customers/new/",
            "contacts/1/",
            "customers/A-1031/papers/new/",
            "delegation/",
            "team/",
            "",
        ],
        "finance": [
            "customers/A-1034/",
            "customers/A-1031/credit-terms/",
            "customers/A-1031/hold/",
            "customers/A-1034/release/",
        ],
        "agent": ["customers/"],
    }
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/sign-in/")
    page.screenshot(path=OUT / "w_sign-in.png")
    for who, urls in plan.items():
        if PAGES and who not in PAGES:
            continue
        page.context.clear_cookies()
        page.set_viewport_size({"width": 1440, "height": 900})
        sign_in(page, who)
        for width, tag in ((1440, "w"), (390, "n")):
            page.set_viewport_size({"width": width, "height": 900 if width > 500 else 844})
            for url in urls:
                page.goto(f"{live_server.url}/{url}")
                page.wait_for_load_state("networkidle")
                if url == "regions/":
                    page.locator("summary").nth(9).click()
                    page.wait_for_timeout(400)
                for _ in range(6):
                    page.mouse.wheel(0, 900)
                    page.wait_for_timeout(120)
                page.evaluate("window.scrollTo(0,0)")
                page.wait_for_timeout(150)
                name = f"{tag}_{who}_{url.strip('/').replace('/', '_').replace('?', '_') or 'home'}.png"
                w = page.evaluate("document.documentElement.scrollWidth")
                if w > width:
                    logs.append((url, tag, "overflow", w))
                page.screenshot(path=OUT / name, full_page=True)
    for l in logs:
        print(l)
