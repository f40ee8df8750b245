/** Course line: a small chart of the stability index over time, with the limit above which it alerts. */
const WIDTH = 160
const HEIGHT = 32

type Point = { atMs: number; value: number }
type Mark = { atMs: number; deployment: string; version: number }

type CourseLineProps = {
  points: readonly Point[]
  /** Rollouts, as lines across the axis. */
  marks: readonly Mark[]
  limits: { warn: number; alert: number }
  label: string
  /** The time between the left and the right end. */
  spanMs: number
}

/** The axis ends with the newest point or mark. */
export function CourseLine({ points, marks, limits, label, spanMs }: CourseLineProps) {
  const last = points.at(-1)
  if (!last) return null
  const top = Math.max(limits.alert * 1.5, ...points.map(({ value }) => value))
  const endMs = Math.max(last.atMs, ...marks.map(({ atMs }) => atMs))
  const x = ({ atMs }: { atMs: number }) => WIDTH - 3 - ((endMs - atMs) / spanMs) * (WIDTH - 6)
  const y = (value: number) => HEIGHT - 3 - (value / top) * (HEIGHT - 6)
  const line = points.map((point) => `${x(point).toFixed(1)} ${y(point.value).toFixed(1)}`).join(' L ')
  return (
    <svg role="img" aria-label={label} width={WIDTH} height={HEIGHT} className="block">
      <line
        x1={0}
        x2={WIDTH}
        y1={y(limits.alert)}
        y2={y(limits.alert)}
        className="stroke-bad"
        strokeDasharray="3 3"
        strokeWidth={1}
      />
      {marks
        .filter(({ atMs }) => atMs > endMs - spanMs)
        .map((mark) => (
          <line
            key={`${mark.deployment} ${mark.atMs}`}
            x1={x(mark)}
            x2={x(mark)}
            y1={0}
            y2={HEIGHT}
            className="stroke-soft"
            strokeWidth={1}
          >
            <title>{`${mark.deployment}: ${mark.version}`}</title>
          </line>
        ))}
      <path d={`M ${line}`} fill="none" className="stroke-accent" strokeWidth={1.5} />
      <circle cx={x(last)} cy={y(last.value)} r={2.5} className="fill-accent" />
    </svg>
  )
}
