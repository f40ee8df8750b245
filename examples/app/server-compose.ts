/** The Compose file of the server of models. Its port is free on this machine, so it is chosen at the start. */
import { TIMES_PORT } from '@skerry/testkit/containers/times-server'

export const serverCompose = (port: number) => `services:
  server:
    image: example/maths:1
    stop_signal: SIGKILL
    mem_limit: 32m
    ports: ['127.0.0.1:${port}:${TIMES_PORT}']
    x-skerry-serves:
      - { model: times, port: ${TIMES_PORT} }
    healthcheck:
      test: [CMD, wget, -q, -O, /dev/null, 'http://127.0.0.1:${TIMES_PORT}/v2/health/ready']
      interval: 300ms
      timeout: 2s
      retries: 2
`
