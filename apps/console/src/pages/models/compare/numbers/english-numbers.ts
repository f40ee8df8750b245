/** The texts of a comparison of two versions by numbers. */
import type { DifferenceTotals } from '@skerry/core/models/output-diff'
import type { Incomparable } from '@skerry/core/tensors/tensor-difference'
import { count, number } from '../../../../texts/count.ts'

export const numberWords = {
  title: 'Outputs on the golden inputs',
  running: 'The hub compares the outputs …',
  none: 'No golden inputs',
  noneHint: 'Push a version with golden inputs, such as golden.json. Then the outputs are compared in numbers here.',
  version: (version: number) => `version ${version}`,
  reference: (from: number, to: number) => `Version ${to} against version ${from}, which is the reference`,
  equal: (cases: number) => `All outputs of ${count(cases, 'case')} are equal`,
  within: (cases: number) => `All outputs of ${count(cases, 'case')} are within the tolerance`,
  outside: ({ outside, values }: DifferenceTotals) =>
    `${number.format(outside)} of ${count(values, 'value')} outside of the tolerance`,
  incomparableCount: (outputs: number) => `${count(outputs, 'output')} cannot be compared`,
  nothing: 'No outputs were compared',
  stored: 'These are the stored outputs. Nothing ran for this.',
  ran: (runs: string, given: string) => `The hub ran ${runs} on the golden inputs of ${given}.`,
  leftOut: (cases: number, of: string, other: string) =>
    `${count(cases, 'case')} of ${of} left out, because ${other} has other inputs.`,
  notRun: (runs: string, why: string) => `The hub did not run ${runs}: ${why}`,
  largest: 'Largest difference',
  mean: 'Mean difference',
  share: 'Outside of the tolerance',
  cases: 'Cases',
  casesHint: 'The height is the largest difference. Red cases are outside of the tolerance.',
  caseOf: (value: number, largest: string, outside: number) =>
    `Case ${value}: largest difference ${largest}, ${number.format(outside)} outside of the tolerance`,
  shown: (value: number) => `Case ${value}`,
  equalOutput: 'Equal',
  table: 'As a table',
  incomparable: {
    missing: 'The second version lacks this output.',
    added: 'The first version lacks this output.',
    datatype: 'The versions return different types.',
    shape: 'The versions return different shapes.',
    bytes: 'The bytes do not fit the shape.',
  } satisfies Record<Incomparable, string>,
  use: {
    title: 'Size, deployments and latency',
    what: 'Fact',
    size: 'Size',
    devices: 'Runs now on',
    deployments: 'Deployments',
    noDeployments: 'none',
    requests: 'Requests',
    errors: 'Errors',
    p50: 'Latency p50, median of the devices',
    p99: 'Latency p99, slowest device',
  },
} as const
