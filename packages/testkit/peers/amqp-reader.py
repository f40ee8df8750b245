"""Reads and arranges a broker of AMQP 0-9-1 by Debian's python3-pika, which shares nothing with what is tested.

amqp-reader.py PORT USER PASSWORD VHOST bind EXCHANGE QUEUE KEY [MAX]    a durable queue, bound where an exchange is named, that refuses more than MAX
amqp-reader.py PORT USER PASSWORD VHOST drain QUEUE    takes all that is in it, and prints each message as a line of JSON
"""
import json
import sys

import pika

PORT, USER, PASSWORD, VHOST, WORK, *MORE = sys.argv[1:]
connection = pika.BlockingConnection(
    pika.ConnectionParameters("127.0.0.1", int(PORT), VHOST, pika.PlainCredentials(USER, PASSWORD), socket_timeout=5)
)
channel = connection.channel()
if WORK == "bind":
    exchange, queue, key, *limit = MORE
    bounds = {"x-max-length": int(limit[0]), "x-overflow": "reject-publish"} if limit else {}
    channel.queue_declare(queue, durable=True, arguments=bounds)
    if exchange:
        channel.queue_bind(queue, exchange, key)
if WORK == "drain":
    while True:
        method, properties, body = channel.basic_get(MORE[0])
        if method is None:
            break
        about = {"id": properties.message_id, "key": method.routing_key, "isPersistent": properties.delivery_mode == 2}
        more = {"type": properties.content_type, "timestamp": properties.timestamp, "body": body.decode()}
        print(json.dumps({**about, **more}))
        sys.stdout.flush()
        channel.basic_ack(method.delivery_tag)
connection.close()
