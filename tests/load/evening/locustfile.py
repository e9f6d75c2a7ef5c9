"""Who comes on the evening when enrolment opens, as Locust users.

TwoPages is the original shop's own load test, unchanged in what it asks: the home page and the list.
Visitor looks around and leaves. Family looks around, signs up, adds its children, enrols them and
pays. Everybody thinks between two clicks. Evening is the curve: a quick rise when the doors open, a
plateau, a fall. LOAD_USERS and LOAD_SECONDS set its height and length.

A seat that is gone is an answer, not an error: the family looks for another workshop.
"""

import os
import random
import re
import ssl
import string
import time

import urllib3
from locust import HttpUser, LoadTestShape, between, task
from requests.adapters import HTTPAdapter

urllib3.disable_warnings()  # the certificate is self-signed and this is loopback
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE

USERS = int(os.environ.get("LOAD_USERS", "60"))
SECONDS = int(os.environ.get("LOAD_SECONDS", "120"))
PACE = float(os.environ.get("LOAD_PACE", "1"))  # less than 1: people think less

PASSWORD = "cometa verde bajo la lluvia 9"
CARDS = ["4242 4242 4242 4242"] * 9 + ["4000 0000 0000 0002"]
NAMES = ["Luz", "Inti", "Sofía", "Mateo", "Valentina", "Thiago", "Camila", "Dayiro", "Ariana", "Illari"]


def think(low, high):
    time.sleep(random.uniform(low, high) * PACE)


def word():
    return "".join(random.choices(string.ascii_lowercase, k=10))


def born(years):
    return "%d-%02d-%02d" % (time.gmtime().tm_year - years, random.randint(1, 12), random.randint(1, 28))


def token(page):
    return re.search(r'name="csrf_token" value="([^"]*)"', page.text).group(1)


class Connection(HTTPAdapter):
    """A connection of its own for each person, without reading all authorities of the system anew."""

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, ssl_context=TLS, **kwargs)


class Person(HttpUser):
    abstract = True

    def on_start(self):
        self.client.mount("https://", Connection())
        self.client.verify = False
        self.client.headers["Accept-Language"] = random.choice(["es", "es", "en"])

    def look(self, path, name=None):
        return self.client.get(path, name=name or path, allow_redirects=False)

    def send(self, path, fields, name, expected):
        """Posts a form; answers whose status is not among the expected ones are errors."""
        with self.client.post(path, data=fields, name=name, allow_redirects=False, catch_response=True) as answer:
            if answer.status_code in expected:
                answer.success()
            else:
                answer.failure("%s answered %d" % (name, answer.status_code))
        return answer


class TwoPages(Person):
    weight = 1
    wait_time = between(1 * PACE, 2 * PACE)

    @task
    def home(self):
        self.client.get("/")

    @task
    def workshops(self):
        self.client.get("/workshops/")


class Browsing(Person):
    abstract = True
    FILTERS = ["?level=1", "?age=8", "?age=11&level=2", "?q=arte", "?sort=price", "?q=robotica&age=9"]

    def browse(self):
        """Home, the list, perhaps a filter; gives the slugs of workshops that are shown."""
        self.look("/")
        think(1, 4)
        page = self.look("/workshops/")
        if random.random() < 0.6:
            think(1, 3)
            found = self.look("/workshops/" + random.choice(self.FILTERS), "/workshops/?filter")
            page = found if "/workshops/" in found.text else page
        slugs = re.findall(r'href="/workshops/([a-z0-9-]+)/"', page.text)
        return list(dict.fromkeys(slugs))

    def read(self, slug):
        think(1, 5)
        return self.look("/workshops/%s/" % slug, "/workshops/SLUG/")


class Visitor(Browsing):
    weight = 4
    wait_time = between(2 * PACE, 8 * PACE)

    @task
    def look_around(self):
        slugs = self.browse()
        for slug in random.sample(slugs, min(len(slugs), random.randint(1, 3))):
            self.read(slug)


class Family(Browsing):
    """Enrols once, then another family sits down at the same browser."""

    weight = 5
    wait_time = between(2 * PACE, 6 * PACE)

    @task
    def enrol(self):
        self.client.cookies.clear()
        slugs = self.browse()
        self.sign_up()
        for _ in range(random.choice([1, 1, 2, 2, 3])):
            self.add_child()
        seats = sum(self.take_seat(slug) for slug in random.sample(slugs, min(len(slugs), 3)))
        if seats:
            self.pay()

    def sign_up(self):
        page = self.look("/accounts/signup/")
        think(3, 8)
        fields = {
            "csrf_token": token(page), "email": word() + "@example.com", "password1": PASSWORD,
            "password2": PASSWORD, "first_name": random.choice(NAMES), "last_name": "Quispe",
            "country": "PE", "role": "1", "phone": "987 654 321", "terms": "1",
        }
        self.send("/accounts/signup/", fields, "/accounts/signup/", [303])

    def add_child(self):
        page = self.look("/users/student-create/")
        think(2, 5)
        fields = {
            "csrf_token": token(page), "first_name": random.choice(NAMES), "last_name": word().title(),
            "date_of_birth": born(random.randint(7, 13)),
        }
        self.send("/users/student-create/", fields, "/users/student-create/", [303])

    def take_seat(self, slug):
        """True when a seat is held. No form, full, or the wrong age: a pity, not an error."""
        page = self.read(slug)
        children = re.findall(r'name="student" value="([^"]+)"', page.text)
        if not children:
            return False
        think(1, 3)
        fields = {"csrf_token": token(page), "student": random.choice(children)}
        answer = self.send("/store/add-to-cart/%s/" % slug, fields, "/store/add-to-cart/SLUG/", [303, 422])
        return answer.status_code == 303

    def pay(self):
        cart = self.look("/store/order-summary/")
        found = re.search(r'href="(/store/checkout/\d+/)"', cart.text)
        if not found:
            return
        think(1, 3)
        page = self.look(found.group(1), "/store/checkout/ID/")
        think(3, 8)
        fields = {"csrf_token": token(page), "method": "transfer"}
        if random.random() < 0.8:
            fields.update(method="card", cc_number=random.choice(CARDS), cc_month="12",
                          cc_year=str(time.gmtime().tm_year + 3), cc_cvv="123")
        paid = self.send(found.group(1), fields, "/store/checkout/ID/", [303, 422])
        if paid.status_code == 303:
            self.look(paid.headers["Location"], "/store/orders/ID/")
            self.look("/users/profile/")


class Evening(LoadTestShape):
    """A quarter of the time up, half of it full, a quarter down."""

    def tick(self):
        part = self.get_run_time() / SECONDS
        if part >= 1:
            return None
        level = part * 4 if part < 0.25 else (1 - part) * 4 if part > 0.75 else 1
        return max(1, round(USERS * level)), max(1, USERS / 5)
