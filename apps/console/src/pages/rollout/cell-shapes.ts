/** Cell shapes: the mark of each outcome. It differs by form as well as by colour, at six pixels and at sixty. */
import type { ShownOutcome } from '@skerry/core/rollouts/views/rollout-words'

/** The side of the box that contains the paths. */
export const SHAPE_BOX = 12

/** SVG paths, filled by the even-odd rule. */
export const SHAPES: Readonly<Record<ShownOutcome, string>> = {
  /** A full square without a hole. */
  healthy: 'M0 0h12v12H0z',
  /** A cross of two thick bars. */
  failed: 'M2.5 0 6 3.5 9.5 0 12 2.5 8.5 6 12 9.5 9.5 12 6 8.5 2.5 12 0 9.5 3.5 6 0 2.5z',
  /** A slash through a ring: no entry. */
  rejected: 'M0 0h12v12H0zM2 2v5.2L7.2 2zM10 10V4.8L4.8 10z',
  /** An hourglass, because time ran out. */
  'timed-out': 'M0 0h12L7.5 6 12 12H0l4.5-6z',
  /** A triangle, as in warning signs. */
  tolerated: 'M6 0l6 12H0z',
  /** A disc for a device on its way. */
  offered: 'M6 0a6 6 0 1 1 0 12A6 6 0 0 1 6 0z',
  /** A flat bar, like a gap. */
  skipped: 'M0 4h12v4H0z',
  /** The outline of an empty square. */
  waiting: 'M0 0h12v12H0zM2 2v8h8V2z',
  pending: 'M6 0a6 6 0 1 1 0 12A6 6 0 0 1 6 0z',
  /** A small square: nothing came of it. */
  'not-reached': 'M4 4h4v4H4z',
}

/** The custom property of each outcome's colour. Pending outcomes are less visible. */
export const SHAPE_COLOUR: Readonly<Record<ShownOutcome, string>> = {
  healthy: '--good',
  failed: '--bad',
  rejected: '--bad',
  'timed-out': '--bad',
  tolerated: '--warn',
  offered: '--busy',
  skipped: '--faint',
  waiting: '--faint',
  pending: '--busy',
  'not-reached': '--faint',
}
