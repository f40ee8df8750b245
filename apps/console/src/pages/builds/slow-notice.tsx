/** Slow notice: the alert that a version is slower on devices than its goal, and a button that opens the proposal. */
import { PathLink } from '../../components/rows/path-link.tsx'
import { BUTTON_LINK } from '../models/button-link.ts'
import { useAlerts } from '../overview/alert-queries.ts'
import { buildTexts } from './english-builds.ts'

const words = buildTexts.optimise

export function SlowNotice({ model, version }: { model: string; version: number }) {
  const { data } = useAlerts()
  const alert = data?.alerts.find(({ id }) => id === `model_slow:${model}:${version}`)
  if (!alert) return null
  return (
    <section className="card flex flex-wrap items-center gap-x-4 gap-y-3 border-l-4 border-l-warn px-4 py-3 text-sm">
      <div className="min-w-0 flex-1 basis-72">
        <h2 className="font-medium">{words.slowTitle}</h2>
        <p className="text-soft wrap-anywhere">{alert.message}</p>
      </div>
      <PathLink path={alert.link} className={BUTTON_LINK.plain}>
        {words.slowStart}
      </PathLink>
    </section>
  )
}
