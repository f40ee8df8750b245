/** Cell shapes: the mark of each outcome, so that it is told by form as well as by colour, at six pixels as at sixty. */
import type { Outcome } from '@skerry/contract/rollouts/rollout'

/** The side of the box that the paths are drawn in. */
export const SHAPE_BOX = 12

/** SVG paths, filled by the even-odd rule. */
export const SHAPES: Readonly<Record<Outcome, string>> = {
  /** Full. */
  healthy: 'M0 0h12v12H0z',
  /** Crossed out. */
  failed: 'M2.5 0 6 3.5 9.5 0 12 2.5 8.5 6 12 9.5 9.5 12 6 8.5 2.5 12 0 9.5 3.5 6 0 2.5z',
  /** A slash through a ring: no entry. */
  rejected: 'M0 0h12v12H0zM2 2v5.2L7.2 2zM10 10V4.8L4.8 10z',
  /** An hourglass. */
  'timed-out': 'M0 0h12L7.5 6 12 12H0l4.5-6z',
  /** A warning. */
  tolerated: 'M6 0l6 12H0z',
  /** Round: on its way. */
  offered: 'M6 0a6 6 0 1 1 0 12A6 6 0 0 1 6 0z',
  /** A gap. */
  skipped: 'M0 4h12v4H0z',
  /** Empty. */
  waiting: 'M0 0h12v12H0zM2 2v8h8V2z',
}

/** The custom property of each outcome's colour; what has not begun stands back. */
export const SHAPE_COLOUR: Readonly<Record<Outcome, string>> = {
  healthy: '--good',
  failed: '--bad',
  rejected: '--bad',
  'timed-out': '--bad',
  tolerated: '--warn',
  offered: '--busy',
  skipped: '--faint',
  waiting: '--faint',
}
