/** Pair picture: the two members and the witness of a pair, and the lines between them. */
import type { Pair, PairDevice } from '@skerry/contract/pairs/pair'
import { pairTexts as words } from './english-pairs.ts'

const PLACES = [
  { x: 10, y: 10 },
  { x: 210, y: 10 },
  { x: 110, y: 100 },
] as const

const WIDTH = 120
const HEIGHT = 46

/** A member that cannot reach another device of the pair has a broken line to it. */
export function PairPicture({ pair }: { pair: Pair }) {
  const { devices } = pair
  const lines = [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const
  return (
    <svg viewBox="0 0 340 156" className="w-full max-w-sm" role="img" aria-label={words.picture(pair)}>
      {lines.map(([one, other]) => (
        <Line key={`${one}${other}`} from={one} to={other} isCut={isCut(devices[one], devices[other])} />
      ))}
      {devices.map((device, at) => (
        <Box key={device.deviceId} device={device} place={PLACES[at] ?? PLACES[0]} />
      ))}
    </svg>
  )
}

const isCut = (one: PairDevice, other: PairDevice) =>
  (one.unreached ?? []).includes(other.device) || (other.unreached ?? []).includes(one.device)

type Ends = { from: 0 | 1 | 2; to: 0 | 1 | 2; isCut: boolean }

function Line({ from, to, isCut: cut }: Ends) {
  const [start, end] = [PLACES[from], PLACES[to]]
  return (
    <line
      x1={start.x + WIDTH / 2}
      y1={start.y + HEIGHT / 2}
      x2={end.x + WIDTH / 2}
      y2={end.y + HEIGHT / 2}
      className={cut ? 'stroke-bad' : 'stroke-line'}
      strokeWidth={2}
      strokeDasharray={cut ? '4 6' : undefined}
    />
  )
}

function Box({ device, place }: { device: PairDevice; place: { x: number; y: number } }) {
  const { role, isConnected } = device
  const part = role === undefined ? words.notReported : words.roles[role]
  return (
    <g transform={`translate(${place.x} ${place.y})`}>
      <rect
        width={WIDTH}
        height={HEIGHT}
        rx={6}
        strokeWidth={role === 'active' ? 3 : 1}
        className={role === 'active' ? 'fill-surface stroke-good' : 'fill-surface stroke-line'}
      />
      <text x={WIDTH / 2} y={19} textAnchor="middle" className="fill-current text-xs font-medium">
        {device.device}
      </text>
      <text x={WIDTH / 2} y={36} textAnchor="middle" className="fill-current text-xs opacity-70">
        {isConnected ? part : words.away}
      </text>
    </g>
  )
}
