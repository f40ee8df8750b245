/** Fake alerts: core derives them from some facts, so that their words are those of a hub. */
import type { Alerts } from '@skerry/contract/alerts/alert'
import { RolloutId } from '@skerry/contract/values/ids'
import { NO_FACTS } from '@skerry/core/alerts/alert-facts'
import { alertsOf } from '@skerry/core/alerts/alerts'
import { NOW_MS } from './fake-data.ts'

const found = alertsOf(
  {
    ...NO_FACTS,
    failed: [
      {
        site: 'rotterdam',
        count: 3,
        device: 'gateway-1',
        sinceMs: NOW_MS - 185_000,
        failure: {
          model: 'anomaly',
          version: 2,
          code: 'golden_mismatch',
          message: 'output score differs by 0.7 at 0',
          others: ['ocr:3'],
          deployment: 'anomaly',
        },
      },
    ],
    pending: [{ site: 'rotterdam', count: 1, device: 'gateway-2', sinceMs: NOW_MS - 3_600_000 }],
    troubles: new Map([['clock_wrong', { count: 1, devices: ['gateway-3'] }]]),
    rollouts: [
      {
        id: RolloutId.parse('rol_abcdefgh234567'),
        deployment: 'anomaly',
        revision: 2,
        status: 'paused',
        timedOut: 0,
        reason: '1 failed in wave canary, 0 allowed',
        decidedByHubAtMs: NOW_MS - 61_000,
      },
    ],
    down: {
      source: {
        count: 1,
        oldest: [
          {
            name: 'plc-7',
            device: 'gateway-5',
            sinceMs: NOW_MS - 120_000,
            message: 'connect ECONNREFUSED 10.0.0.5:502',
          },
        ],
      },
      sink: NO_FACTS.down.sink,
    },
    answeredDown: [
      {
        kind: 'source',
        count: 1,
        oldest: [{ name: 'press', device: 'gateway-6', sinceMs: NOW_MS - 7_200_000, message: 'timeout' }],
        answer: {
          state: 'shelved',
          by: 'anna',
          atMs: NOW_MS - 60_000,
          comment: 'rebuilt',
          untilMs: NOW_MS + 3_600_000,
        },
      },
    ],
    certificatesEnding: { count: 1, devices: ['gateway-4'], dueMs: NOW_MS + 86_400_000 },
  },
  NOW_MS,
)

export const ALERTS: Alerts = { ...found, unknownDevices: 1 }
