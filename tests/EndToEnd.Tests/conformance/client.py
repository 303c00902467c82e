"""The exchange's gRPC services, called by a client that nobody here wrote: grpcio, as Debian packages it.

    client.py CLAIM    ends with 1, and says why, where the claim (a function below) does not hold
    client.py          lists the claims

GrpcConformanceTests.cs has a test for each. It sets SENDX_GRPC (host:port), SENDX_PROTOS (a file: the descriptors of every
proto), SENDX_TOKENS (JSON, by holder), SENDX_KEY (the exchange's development key) and SENDX_PID (its process).
"""

import base64
import faulthandler
import hashlib
import hmac
import inspect
import json
import os
import signal
import sys
import threading
import time
import uuid

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PATIENCE = 60  # Seconds for what ought to happen at once, on a machine that is busy with other tests.
MEGABYTE = 1024 * 1024
LARGEST_FACT = 64 * 1024
LARGEST_MESSAGE = 4 * MEGABYTE

INTAKE = "sendexchange.education.v1.AssessmentIntakeService"
LAW = "sendexchange.aggregator.v1.LawService"
REPORTS = "sendexchange.aggregator.v1.ReportService"
HEALTH_ADVICE = "sendexchange.health.v1.HealthAdviceService"
CARE_ADVICE = "sendexchange.socialcare.v1.SocialCareAdviceService"
HEALTH = "grpc.health.v1.Health"
REFLECTION = "grpc.reflection.v1.ServerReflection"
SERVICES = [REPORTS, LAW, INTAKE, HEALTH_ADVICE, CARE_ADVICE, HEALTH, REFLECTION]

ACCEPTED, DUPLICATE, REFUSED = 1, 2, 3  # FactOutcome
SERVING, NOT_SERVING, SERVICE_UNKNOWN = 1, 2, 3  # ServingStatus


class Exchange:
    """A channel to the exchange. Messages are made from descriptors: grpcio's protobuf is older than what protoc generates."""

    def __init__(self, descriptors, **channel):
        self.descriptors = descriptors
        self.channel = grpc.insecure_channel(os.environ["SENDX_GRPC"], **channel)
        self.tokens = json.loads(os.environ["SENDX_TOKENS"])

    def message(self, name):
        """The class of a message."""
        described = self.descriptors.FindMessageTypeByName(name)
        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(described)
        return message_factory.MessageFactory(self.descriptors).GetPrototype(described)  # before protobuf 4.22

    def call(self, service, method, request=None, holder="sender", token=None, metadata=(), timeout=PATIENCE, **how):
        """Calls as the method's descriptor says: unary or streaming. A request is the fields of a message, or an iterator
        over such. What comes back is a message, or a call to iterate over. A holder of None sends no token."""
        described = self.descriptors.FindServiceByName(service).methods_by_name[method]
        shape = descriptor_pb2.MethodDescriptorProto()
        described.CopyToProto(shape)
        of_request, of_response = (self.message(t.full_name) for t in (described.input_type, described.output_type))
        names = {False: "unary", True: "stream"}
        start = getattr(self.channel, f"{names[shape.client_streaming]}_{names[shape.server_streaming]}")(
            f"/{service}/{method}",
            request_serializer=lambda fields: of_request(**fields).SerializeToString(),
            response_deserializer=of_response.FromString,
        )
        token = token or self.tokens.get(holder)
        credentials = (("authorization", f"Bearer {token}"),) if token else ()
        request = iter(request) if shape.client_streaming else request or {}
        return start(request, metadata=(*credentials, *metadata), timeout=timeout, **how)

    def call_bytes(self, path, request=b""):
        """A unary call of any path with any bytes."""
        credentials = (("authorization", f"Bearer {self.tokens['sender']}"),)
        return self.channel.unary_unary(path)(request, metadata=credentials, timeout=PATIENCE)

    def record(self, fact, **how):
        return self.call(INTAKE, "RecordFact", dict(fact=fact), **how).receipt

    def record_all(self, facts, **how):
        return self.call(INTAKE, "RecordFacts", (dict(fact=fact) for fact in facts), **how)

    def outcomes(self, facts):
        """Of facts sent (again) over one stream: the outcome of each."""
        return [answer.receipt.outcome for answer in self.record_all(facts)]

    def reflect(self, *requests):
        return list(self.call(REFLECTION, "ServerReflectionInfo", requests))

    def serves(self):
        return self.call(HEALTH, "Check", holder=None).status == SERVING


def fact(case="c-1", on="2024-01-08", organisation="la:350", fact_id=None, **body):
    """A request for an assessment, received on that day, unless another body is given."""
    body = body or dict(request_received=dict(source="REQUEST_SOURCE_SCHOOL"))
    return dict(fact_id=fact_id or uuid.uuid4().hex, organisation=organisation, case_id=case, on=on, **body)


def fact_with_text(length):
    return fact(request_withdrawn=dict(reason="x" * length))


class StaysOpen:
    """Facts for a stream, which is not half-closed after the last of them until it is let go."""

    def __init__(self, facts):
        self.facts = facts
        self.released = threading.Event()

    def __iter__(self):
        yield from self.facts
        self.released.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.released.set()


def same(seen, expected, what=""):
    if seen == expected:
        return
    if isinstance(seen, list) and isinstance(expected, list):
        at = next((i for i, (a, b) in enumerate(zip(seen, expected)) if a != b), min(len(seen), len(expected)))
        what += f" differs at {at} of {len(seen)}, expected {len(expected)}, from where on it is"
        seen, expected = seen[at : at + 5], expected[at : at + 5]
    raise AssertionError(f"{what}\n  saw      {seen!r}\n  expected {expected!r}")


def holds(claim, what):
    if not claim:
        raise AssertionError(what)


def fails(code, call):
    """The error that the call ends with, which must have that code."""
    try:
        answer = call()
        seen = list(answer) if hasattr(answer, "initial_metadata") else answer
    except grpc.RpcError as error:
        same(error.code(), code, error.details())
        return error
    raise AssertionError(f"ended well, with {seen!r}\n  expected {code}")


def details_of(exchange, error):
    """The standard details of INVALID_ARGUMENT: what is wrong with each field."""
    trailers = dict(error.trailing_metadata())
    status = exchange.message("google.rpc.Status").FromString(trailers["grpc-status-details-bin"])
    same((status.code, status.message), (error.code().value[0], error.details()))
    same([detail.type_url for detail in status.details], ["type.googleapis.com/google.rpc.BadRequest"])
    bad = exchange.message("google.rpc.BadRequest").FromString(status.details[0].value)
    return {violation.field: violation.description for violation in bad.field_violations}


def until(happened, what):
    """What `happened` returns once it is true."""
    give_up = time.monotonic() + PATIENCE
    while not (result := happened()):
        if time.monotonic() > give_up:
            raise AssertionError(f"{what}: not within {PATIENCE} s")
        time.sleep(0.1)
    return result


def report_cases(exchange, count):
    """Sends so many requests for assessment, and waits until they are obligations. Gives the cases."""
    run = uuid.uuid4().hex
    cases = [f"report-{run}-{i:04}" for i in range(count)]
    position = max(answer.receipt.position for answer in exchange.record_all(fact(case) for case in cases))

    def reported():
        progress = exchange.call(REPORTS, "GetProgress")
        return progress.arrived_up_to >= position and progress.cases_waiting == 0

    until(reported, f"{count} cases become obligations")
    return cases


# Unary calls


def a_fact_gets_a_receipt_and_the_same_again_when_it_is_repeated(exchange):
    sent = fact()
    first = exchange.record(sent)
    same((first.fact_id, first.outcome, first.sequence, list(first.faults)), (sent["fact_id"], ACCEPTED, 1, []))
    holds(first.position > 0 and first.recorded_at.endswith("Z"), first)

    again = exchange.record(sent)
    same((again.outcome, again.position, again.recorded_at), (DUPLICATE, first.position, first.recorded_at))


def a_fact_with_faults_is_no_error_but_a_receipt_that_names_them_all(exchange):
    receipt = exchange.record(fact(case="", on="2024-02-30", organisation="icb:QJ2"))
    same((receipt.outcome, receipt.position, receipt.recorded_at), (REFUSED, 0, ""))
    same({fault.field for fault in receipt.faults}, {"authority", "caseId", "on", "organisation"})


# Streams in both directions


def receipts_come_in_the_order_of_the_facts(exchange):
    facts = [fact(on="2024-02-30" if i % 7 == 3 else "2024-01-08") for i in range(600)]

    call = exchange.record_all(facts + facts[:70])
    receipts = [answer.receipt for answer in call]

    same(call.code(), grpc.StatusCode.OK)
    same([receipt.sequence for receipt in receipts], list(range(1, 671)))
    same([receipt.fact_id for receipt in receipts], [sent["fact_id"] for sent in facts + facts[:70]])
    first, again = ([REFUSED if i % 7 == 3 else taken for i in range(count)] for count, taken in ((600, ACCEPTED), (70, DUPLICATE)))
    same([receipt.outcome for receipt in receipts], first + again)
    positions = [receipt.position for receipt in receipts if receipt.outcome == ACCEPTED]
    same(positions, list(range(positions[0], positions[0] + len(positions))), "positions without a gap")


def a_receipt_does_not_wait_for_the_next_fact(exchange):
    turn = threading.Semaphore(1)

    def facts():
        for _ in range(300):
            turn.acquire()
            yield fact()

    outcomes = []
    for answer in exchange.record_all(facts()):
        outcomes.append(answer.receipt.outcome)
        turn.release()
    same(outcomes, [ACCEPTED] * 300)


def half_closing_a_stream_without_facts_ends_it_well(exchange):
    call = exchange.record_all([])
    same((list(call), call.code()), ([], grpc.StatusCode.OK))


def streams_over_one_connection_do_not_mix(exchange):
    sent = [[fact() for _ in range(200)] for _ in range(8)]
    calls = [exchange.record_all(facts) for facts in sent]
    rounds = list(zip(*calls, strict=True))  # One receipt of each stream in turn.
    receipts = [[answer.receipt.fact_id for answer in call] for call in zip(*rounds)]
    same(receipts, [[f["fact_id"] for f in facts] for facts in sent])


def what_had_a_receipt_before_the_client_cancelled_is_kept(exchange):
    facts = [fact() for _ in range(400)]
    with StaysOpen(facts) as stream:
        call = exchange.record_all(stream)
        receipts = [next(call).receipt for _ in range(150)]
        call.cancel()
        fails(grpc.StatusCode.CANCELLED, lambda: call)

    again = [answer.receipt for answer in exchange.record_all(facts)]
    same([(r.outcome, r.position) for r in again[:150]], [(DUPLICATE, r.position) for r in receipts])
    holds(REFUSED not in [r.outcome for r in again], "another was refused")
    positions = [r.position for r in again]
    same(positions, list(range(positions[0], positions[0] + 400)), "each once")


def a_sender_that_takes_no_receipts_is_made_to_wait(exchange):
    sent, most = 0, 50_000
    enough = threading.Event()
    # The window for receipts, 64 kB at first, does not grow.
    exchange = Exchange(exchange.descriptors, options=[("grpc.http2.bdp_probe", 0)])
    refused = fact_with_text(2_000) | dict(case_id="")  # At once, so that nothing else is slow.

    def facts():
        nonlocal sent
        while sent < most and not enough.is_set():
            sent += 1
            yield refused

    call = exchange.record_all(facts())
    next(call)
    before = -1
    while before != sent:
        before = sent
        time.sleep(1)
    holds(sent < most, f"{sent} facts were taken while nobody took a receipt")
    enough.set()
    same(1 + sum(1 for _ in call), sent)


# Streams from the server


def breaches_and_obligations_are_streamed(exchange):
    cases = report_cases(exchange, 300)  # Received on 8 January 2024, and nothing heard since.

    breaches = [answer.breach for answer in exchange.call(REPORTS, "ListBreaches", dict(year=2024, authorities=["350"]))]
    late = [b for b in breaches if b.case_id in set(cases) and b.obligation == "decide_to_assess"]
    same([b.case_id for b in late], cases)
    days = {(b.authority, b.start, b.due, b.breach_at) for b in late}
    same(days, {("la:350", "2024-01-08", "2024-02-19", "2024-02-20T00:00:00Z")})

    one = dict(year=2024, case_id=cases[7])
    obligations = [answer.obligation for answer in exchange.call(REPORTS, "ListObligations", one, holder="inspector")]
    same({o.case_id for o in obligations}, {cases[7]})
    same([(o.due, o.state) for o in obligations if o.obligation == "decide_to_assess"], [("2024-02-19", "BREACHED")])


def a_report_without_rows_is_an_empty_stream_that_ends_well(exchange):
    call = exchange.call(REPORTS, "ListObligations", dict(year=2014))
    same((list(call), call.code()), ([], grpc.StatusCode.OK))


def a_report_can_be_cancelled_half_read(exchange):
    report_cases(exchange, 600)
    for _ in range(20):
        call = exchange.call(REPORTS, "ListObligations", dict(year=2024))
        next(call)
        call.cancel()
        fails(grpc.StatusCode.CANCELLED, lambda: call)
    rows = sum(1 for _ in exchange.call(REPORTS, "ListObligations", dict(year=2024)))
    holds(rows >= 600, f"the whole report afterwards has {rows} rows")


# Deadlines and cancellation


def a_stream_past_its_deadline_ends_with_DEADLINE_EXCEEDED_and_keeps_its_facts(exchange):
    facts = [fact() for _ in range(3)]
    with StaysOpen(facts) as stream:
        call = exchange.record_all(stream, timeout=5)
        outcomes = [next(call).receipt.outcome for _ in facts]
        error = fails(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: call)
    same(outcomes, [ACCEPTED] * 3, error)
    same(exchange.outcomes(facts), [DUPLICATE] * 3)


def the_server_keeps_the_deadline_when_the_client_does_not(exchange):
    """A deadline that only the header tells of is one that this client does not watch."""
    only_told = dict(metadata=(("grpc-timeout", "300m"),), timeout=None)
    fails(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: exchange.call(HEALTH, "Watch", holder=None, **only_told))
    with StaysOpen([fact()]) as stream:
        fails(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: exchange.record_all(stream, **only_told))


def the_server_ends_the_calls_that_its_client_cancelled(exchange):
    """It takes 100 calls of a connection at once, and once 200 have not ended it refuses more. None of these ends by itself."""
    for _ in range(250):
        watch = exchange.call(HEALTH, "Watch", holder=None)
        same(next(watch).status, SERVING)
        watch.cancel()
        with StaysOpen([fact()]) as stream:
            intake = exchange.record_all(stream)
            same(next(intake).receipt.outcome, ACCEPTED)
            intake.cancel()
    holds(exchange.serves(), "it no longer serves")


def a_stream_open_at_shutdown_ends_with_UNAVAILABLE_and_is_told_what_to_do(exchange):
    watch = exchange.call(HEALTH, "Watch", holder=None)
    same(next(watch).status, SERVING)
    with StaysOpen([fact() for _ in range(300)]) as stream:
        call = exchange.record_all(stream)
        same(next(call).receipt.outcome, ACCEPTED)
        os.kill(int(os.environ["SENDX_PID"]), signal.SIGTERM)
        text = fails(grpc.StatusCode.UNAVAILABLE, lambda: call).details()
    holds("send what has no receipt yet" in text, text)
    same([answer.status for answer in watch], [NOT_SERVING])


# Who calls


def signed(claims, key, algorithm="HS256"):
    """A JSON Web Token, made by hand."""

    def part(content):
        return base64.urlsafe_b64encode(content).rstrip(b"=")

    body = b".".join(part(json.dumps(content).encode()) for content in (dict(alg=algorithm, typ="JWT"), claims))
    hashes = dict(HS256=hashlib.sha256, HS512=hashlib.sha512)
    signature = hmac.new(key.encode(), body, hashes[algorithm]).digest() if algorithm in hashes else b""
    return (body + b"." + part(signature)).decode()


def identity(**other):
    """What a token says. None leaves a claim out."""
    now = int(time.time())
    usual = dict(
        iss="sendexchange-development",
        aud="sendexchange",
        organisation="la:350",
        role="sender",
        nbf=now - 3600,
        exp=now + 3600,
    )
    return {name: value for name, value in {**usual, **other}.items() if value is not None}


def a_call_without_a_token_is_UNAUTHENTICATED(exchange):
    calls = [
        lambda: exchange.record(fact(), holder=None),
        lambda: exchange.record_all([fact()] * 10, holder=None),
        lambda: exchange.call(REPORTS, "ListBreaches", dict(year=2024), holder=None),
        lambda: exchange.call(REFLECTION, "ServerReflectionInfo", [dict(list_services="")], holder=None),
        lambda: exchange.record(fact(), holder=None, metadata=(("authorization", "Basic bGE6MzUw"),)),
    ]
    for call in calls:
        holds("There is none" in (text := fails(grpc.StatusCode.UNAUTHENTICATED, call).details()), text)


def a_forged_token_is_UNAUTHENTICATED(exchange):
    key = os.environ["SENDX_KEY"]
    same(exchange.record(fact(), token=signed(identity(), key)).outcome, ACCEPTED, "a token made by hand with the right key")

    header, _, signature = signed(identity(), key).split(".")
    forged = {
        "unsigned": signed(identity(), key, algorithm="none"),
        "with another key": signed(identity(), key[::-1]),
        "with another algorithm": signed(identity(), key, algorithm="HS512"),
        "with another's signature": ".".join((header, signed(identity(role="inspector"), key).split(".")[1], signature)),
        "by another issuer": signed(identity(iss="somebody"), key),
        "for another audience": signed(identity(aud="something"), key),
        "without end": signed(identity(exp=None), key),
        "not a token": "open sesame",
    }
    for how, token in forged.items():
        try:
            fails(grpc.StatusCode.UNAUTHENTICATED, lambda: exchange.record(fact(), token=token))
        except AssertionError as problem:
            raise AssertionError(f"{how}: {problem}") from None


def a_token_out_of_its_time_is_UNAUTHENTICATED_and_told_so(exchange):
    now, key = int(time.time()), os.environ["SENDX_KEY"]
    expired = signed(identity(exp=now - 60), key)
    text = fails(grpc.StatusCode.UNAUTHENTICATED, lambda: exchange.record(fact(), token=expired)).details()
    holds("expired" in text, text)
    early = signed(identity(nbf=now + 600), key)
    text = fails(grpc.StatusCode.UNAUTHENTICATED, lambda: exchange.record_all([fact()], token=early)).details()
    holds("not valid before" in text, text)


def a_role_that_may_not_call_is_PERMISSION_DENIED_and_told_which_may(exchange):
    calls = {
        "sender,adviser": lambda: exchange.record_all((fact() for _ in range(300)), holder="inspector"),
        "adviser": lambda: exchange.call(HEALTH_ADVICE, "ListAdvice", holder="sender"),
        "inspector": lambda: exchange.call(REPORTS, "ListBreaches", dict(year=2024), holder="health"),
    }
    for roles, call in calls.items():
        holds(roles in (text := fails(grpc.StatusCode.PERMISSION_DENIED, call).details()), text)


def a_token_without_an_organisation_is_UNAUTHENTICATED_and_told_so(exchange):
    token = signed(identity(organisation=None), os.environ["SENDX_KEY"])
    for call in (lambda: exchange.record(fact(), token=token), lambda: exchange.call(REPORTS, "GetProgress", token=token)):
        text = fails(grpc.StatusCode.UNAUTHENTICATED, call).details()
        holds("names no organisation" in text, text)


def an_authority_is_PERMISSION_DENIED_the_report_of_another(exchange):
    error = fails(
        grpc.StatusCode.PERMISSION_DENIED, lambda: exchange.call(REPORTS, "ListBreaches", dict(year=2024, authorities=["351"]))
    )
    same(error.details(), "la:350 sees its own figures only.")


# Status, details, metadata


def an_INVALID_ARGUMENT_names_every_field_in_the_standard_details(exchange):
    advice = dict(authority="350", given_on="yesterday")
    error = fails(grpc.StatusCode.INVALID_ARGUMENT, lambda: exchange.call(HEALTH_ADVICE, "GiveAdvice", advice, holder="health"))
    details = details_of(exchange, error)
    same(sorted(details), ["advice_id", "authority", "content", "given_on"])
    same(details["content"], "has 0 bytes of UTF-8; expected 1 to 1,048,576")


def a_stream_that_fails_before_its_first_message_has_the_details_too(exchange):
    error = fails(grpc.StatusCode.INVALID_ARGUMENT, lambda: exchange.call(REPORTS, "ListObligations", dict(year=1999)))
    same(details_of(exchange, error), {"year": "is 1999; a year from 2014 to 2100 is expected"})


def the_text_of_an_error_survives_its_header(exchange):
    strange = "née 100%25\r\n\t😀"
    error = fails(grpc.StatusCode.NOT_FOUND, lambda: exchange.call(HEALTH, "Check", dict(service=strange)))
    holds(f"'{strange}'" in error.details(), error.details())


def a_NOT_FOUND_has_no_details(exchange):
    advice = dict(authority="la:350", advice_id=uuid.uuid4().hex, content="Advice.")
    error = fails(grpc.StatusCode.NOT_FOUND, lambda: exchange.call(HEALTH_ADVICE, "GiveAdvice", advice, holder="health"))
    holds("No advice of that advice_id" in error.details(), error.details())
    holds("grpc-status-details-bin" not in dict(error.trailing_metadata()), "it has")


def metadata_that_the_server_does_not_know_changes_nothing(exchange):
    strange = (
        ("x-text", "a, b; c=d"),
        ("x-empty", ""),
        ("x-again", "1"),
        ("x-again", "2"),
        ("x-long", "y" * 8_000),
        ("x-bytes-bin", bytes(range(256))),
        ("x-empty-bin", b""),
        ("traceparent", "not a trace"),
    )
    same(exchange.record(fact(), metadata=strange).outcome, ACCEPTED)
    call = exchange.record_all([fact()], metadata=strange)
    same([answer.receipt.outcome for answer in call], [ACCEPTED])
    same([name for name, _ in call.trailing_metadata()], [], "trailers of a call that ended well")


# Messages too large, compressed, or none at all


def a_fact_over_64_kB_is_refused_by_its_receipt(exchange):
    for length in (LARGEST_FACT, LARGEST_MESSAGE - 1_000):
        receipt = exchange.record(fact_with_text(length))
        same((receipt.outcome, [f.field for f in receipt.faults]), (REFUSED, [""]))
        holds("at most 65,536 are taken" in receipt.faults[0].problem, receipt)
    outcomes = exchange.outcomes([fact(), fact_with_text(LARGEST_MESSAGE - 1_000), fact_with_text(LARGEST_FACT), fact()])
    same(outcomes, [ACCEPTED, REFUSED, REFUSED, ACCEPTED])


def a_message_over_4_MB_is_RESOURCE_EXHAUSTED_and_the_server_goes_on(exchange):
    fails(grpc.StatusCode.RESOURCE_EXHAUSTED, lambda: exchange.record(fact_with_text(LARGEST_MESSAGE)))
    same(exchange.record(fact()).outcome, ACCEPTED)


def a_stream_with_a_message_over_4_MB_gets_the_receipts_of_those_before_it(exchange):
    facts = [fact() for _ in range(20)]
    call = exchange.record_all([*facts, fact_with_text(LARGEST_MESSAGE), fact()])
    same([next(call).receipt.outcome for _ in facts], [ACCEPTED] * 20)
    fails(grpc.StatusCode.RESOURCE_EXHAUSTED, lambda: call)
    same(exchange.outcomes(facts), [DUPLICATE] * 20)


def advice_of_a_megabyte_is_taken_and_one_byte_more_is_not(exchange):
    advice_id = uuid.uuid4().hex
    exchange.record(fact(advice_sought=dict(advice_id=advice_id, kind="ADVICE_KIND_MEDICAL", **{"from": "icb:QJ2"})))
    until(
        lambda: any(
            asked.advice_id == advice_id
            for asked in exchange.call(HEALTH_ADVICE, "ListAdvice", dict(page_size=1000), holder="health").advice
        ),
        "the request for advice reaches health",
    )
    advice = dict(authority="la:350", advice_id=advice_id)

    def give(size):
        return exchange.call(HEALTH_ADVICE, "GiveAdvice", dict(content="x" * size, **advice), holder="health")

    error = fails(grpc.StatusCode.INVALID_ARGUMENT, lambda: give(MEGABYTE + 1))
    same(list(details_of(exchange, error)), ["content"])
    same(give(MEGABYTE).recorded, True)


def compressed_requests_are_taken(exchange):
    for how in (grpc.Compression.Gzip, grpc.Compression.Deflate):
        sent = fact(case="c-" + "1" * 90)
        same(exchange.record(sent, compression=how).outcome, ACCEPTED)
        same(exchange.record(sent).outcome, DUPLICATE, "the same content as when it is sent plain")
        answers = exchange.record_all([sent, fact(), fact_with_text(LARGEST_FACT)], compression=how)
        same([answer.receipt.outcome for answer in answers], [DUPLICATE, ACCEPTED, REFUSED])


def a_small_message_that_unpacks_to_more_than_4_MB_is_RESOURCE_EXHAUSTED(exchange):
    bomb = fact_with_text(50 * MEGABYTE)
    fails(grpc.StatusCode.RESOURCE_EXHAUSTED, lambda: exchange.record(bomb, compression=grpc.Compression.Gzip))
    same(exchange.record(fact()).outcome, ACCEPTED)


def a_message_that_is_no_protobuf_fails_alone(exchange):
    with StaysOpen([fact()]) as stream:
        other = exchange.record_all(stream)
        same(next(other).receipt.outcome, ACCEPTED)
        for rubbish in (b"\xff" * 10, b"\x0a\x05ab", b"{}"):
            try:
                exchange.call_bytes(f"/{INTAKE}/RecordFact", rubbish)
                raise AssertionError(f"{rubbish!r} was taken")
            except grpc.RpcError as error:
                holds(error.code() in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL), f"{rubbish!r}: {error.code()}")
        stream.released.set()
        same((list(other), other.code()), ([], grpc.StatusCode.OK), "another call of the same connection")


def what_does_not_exist_is_UNIMPLEMENTED(exchange):
    for path in (f"/{INTAKE}/ForgetFact", "/sendexchange.education.v2.AssessmentIntakeService/RecordFact", "/", "/a/b/c"):
        fails(grpc.StatusCode.UNIMPLEMENTED, lambda: exchange.call_bytes(path))
    holds(exchange.serves(), "it no longer serves")


# Health


def health_is_told_of_every_service_and_without_a_token(exchange):
    for service in ("", *SERVICES):
        same(exchange.call(HEALTH, "Check", dict(service=service), holder=None).status, SERVING, service)
    statuses = exchange.call(HEALTH, "List", holder=None).statuses
    same({service: answer.status for service, answer in statuses.items()}, dict.fromkeys(["", *SERVICES], SERVING))


def health_of_a_service_that_is_not_here_is_NOT_FOUND_to_Check_and_SERVICE_UNKNOWN_to_Watch(exchange):
    absent = dict(service="sendexchange.absent.v1.AbsentService")
    fails(grpc.StatusCode.NOT_FOUND, lambda: exchange.call(HEALTH, "Check", absent, holder=None))
    watch = exchange.call(HEALTH, "Watch", absent, holder=None)
    same(next(watch).status, SERVICE_UNKNOWN)
    watch.cancel()


def watching_health_tells_at_once_and_then_stays_open(exchange):
    watch = exchange.call(HEALTH, "Watch", dict(service=INTAKE), holder=None)
    same(next(watch).status, SERVING)
    time.sleep(1)
    holds(watch.is_active(), "it has ended")
    watch.cancel()


# Reflection


def reflection_lists_every_service(exchange):
    (answer,) = exchange.reflect(dict(list_services=""))
    same([service.name for service in answer.list_services_response.service], sorted(SERVICES))


def reflection_tells_what_is_needed_to_call_every_service(exchange):
    """As grpcurl does: nothing but what reflection says is known here of the services that are called."""
    told = descriptor_pool.DescriptorPool()
    known = set()

    def add(files):
        by_name = {file.name: file for file in map(descriptor_pb2.FileDescriptorProto.FromString, files)}

        def add_after_imports(name):
            if name not in known:
                known.add(name)
                for imported in by_name[name].dependency:
                    add_after_imports(imported)
                told.Add(by_name[name])

        for name in by_name:
            add_after_imports(name)

    for answer in exchange.reflect(*(dict(file_containing_symbol=service) for service in SERVICES)):
        add(answer.file_descriptor_response.file_descriptor_proto)

    stranger = Exchange(told)
    same(stranger.record(fact()).outcome, ACCEPTED)
    same([answer.receipt.outcome for answer in stranger.record_all([fact()])], [ACCEPTED])
    holds(stranger.call(REPORTS, "GetProgress").arrived_up_to >= 0, "no progress")
    same(len(stranger.call(REPORTS, "GetFigures", dict(figures="FIGURES_TIMELINESS", year=2024, authorities=["350"])).rows), 1)
    same(stranger.call(HEALTH_ADVICE, "ListAdvice", holder="health").next_page_token, "")
    same(stranger.call(CARE_ADVICE, "ListAdvice", holder="care").next_page_token, "")
    holds(stranger.serves(), "it does not serve")
    same(len(stranger.reflect(dict(list_services=""))[0].list_services_response.service), len(SERVICES))


def reflection_finds_files_by_symbol_and_by_name(exchange):
    symbols = {
        f"{INTAKE}.RecordFacts": "sendexchange/education/v1/intake.proto",
        "sendexchange.education.v1.AssessmentFact.fact_id": "sendexchange/education/v1/fact.proto",
        "sendexchange.education.v1.ADVICE_KIND_MEDICAL": "sendexchange/education/v1/fact.proto",
        f"{REPORTS}": "sendexchange/aggregator/v1/reports.proto",
    }
    by_symbol = exchange.reflect(*(dict(file_containing_symbol=symbol) for symbol in symbols))
    by_name = exchange.reflect(*(dict(file_by_filename=name) for name in symbols.values()))
    for symbol, file, a, b in zip(symbols, symbols.values(), by_symbol, by_name, strict=True):
        same(a.original_request.file_containing_symbol, symbol)
        contents = a.file_descriptor_response.file_descriptor_proto
        same(descriptor_pb2.FileDescriptorProto.FromString(contents[0]).name, file)
        same(list(contents), list(b.file_descriptor_response.file_descriptor_proto))


def what_reflection_does_not_know_is_an_error_of_that_answer_only(exchange):
    symbols = ("sendexchange.absent.v1.Absent", INTAKE)
    unknown, known = exchange.reflect(*(dict(file_containing_symbol=symbol) for symbol in symbols))
    same(unknown.error_response.error_code, grpc.StatusCode.NOT_FOUND.value[0])
    same(len(known.file_descriptor_response.file_descriptor_proto), 2)


def claims():
    functions = {name: function for name, function in globals().items() if inspect.isfunction(function)}
    return {name: f for name, f in functions.items() if list(inspect.signature(f).parameters) == ["exchange"]}


def main():
    if len(sys.argv) == 1:
        print("\n".join(claims()))
        return
    faulthandler.dump_traceback_later(4 * PATIENCE, exit=True)  # A call that hangs shall say where.
    descriptors = descriptor_pool.DescriptorPool()
    with open(os.environ["SENDX_PROTOS"], "rb") as file:
        for described in descriptor_pb2.FileDescriptorSet.FromString(file.read()).file:
            descriptors.Add(described)
    claims()[sys.argv[1]](Exchange(descriptors))


if __name__ == "__main__":
    main()
