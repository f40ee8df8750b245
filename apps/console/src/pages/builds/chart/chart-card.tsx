/** Chart card: the forms of a version by cost and fidelity. The address keeps the axes. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ChartScatter } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { Select } from '../../../components/fields.tsx'
import { Empty } from '../../../components/page-state.tsx'
import { BUILD_AXES, BUILD_MEASURES, type BuildAxis, type BuildMeasure, type BuildsSearch } from '../../../search.ts'
import type { Form } from '../build-forms.ts'
import { buildTexts } from '../english-builds.ts'
import type { ClassMeasures } from '../measured/class-measures.ts'
import { type CostsOf, costOf, fidelityOf } from './axes.ts'
import { type ChartPoint, ParetoChart } from './pareto-chart.tsx'

const words = buildTexts.chart
const from = '/models/$model/versions/$version/builds'

type ChartCardProps = { forms: readonly Form[]; classes: readonly ClassMeasures[] }

export function ChartCard({ forms, classes }: ChartCardProps) {
  const search = useSearch({ from: '/inside/models/$model/versions/$version/builds' })
  const navigate = useNavigate({ from })
  const hasAgreement = forms.some(({ mark, agreement }) => mark !== 'version' && agreement !== undefined)
  const axis = search.axis ?? 'size'
  const measure = search.measure ?? (hasAgreement ? 'agreement' : 'difference')
  const measured = classes.filter(({ isMeasured }) => isMeasured)
  const isMeasured = measured.length > 0
  const shown = measured.find(({ hardwareClass }) => hardwareClass === search.class) ?? measured[0]
  const costsOf = costsOfClass(shown)
  const points = pointsOf(forms, { axis, measure, costsOf })
  const choose = (part: Pick<BuildsSearch, 'axis' | 'measure' | 'class'>) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  return (
    <Card title={words.title}>
      <div className="mb-3 flex flex-wrap gap-2">
        <Select
          aria-label={words.measure}
          className="w-40"
          value={measure}
          onChange={({ target }) => choose({ measure: BUILD_MEASURES.find((each) => each === target.value) })}
        >
          {BUILD_MEASURES.map((each) => (
            <option key={each} value={each}>
              {words.measures[each]}
            </option>
          ))}
        </Select>
        <Select
          aria-label={words.axis}
          className="w-40"
          value={axis}
          onChange={({ target }) => choose({ axis: BUILD_AXES.find((each) => each === target.value) })}
        >
          {BUILD_AXES.map((each) => (
            <option key={each} value={each} disabled={each !== 'size' && !isMeasured}>
              {each === 'size' || isMeasured ? words.axes[each] : words.unmeasured(words.axes[each])}
            </option>
          ))}
        </Select>
        {axis !== 'size' && shown && (
          <Select
            aria-label={words.class}
            className="w-44"
            value={shown.hardwareClass}
            onChange={({ target }) => choose({ class: target.value })}
          >
            {measured.map(({ hardwareClass }) => (
              <option key={hardwareClass} value={hardwareClass}>
                {hardwareClass}
              </option>
            ))}
          </Select>
        )}
      </div>
      {points.length === 0 ? (
        <Empty icon={ChartScatter} title={words.nothing} />
      ) : (
        <>
          <p className="mb-2 text-xs text-soft">
            {words.better} {axis === 'size' && words.sizes}
          </p>
          <ParetoChart points={points} axis={axis} measure={measure} />
        </>
      )}
    </Card>
  )
}

/** The costs of each form on a class of hardware. */
const costsOfClass =
  (measures: ClassMeasures | undefined): CostsOf =>
  (key) =>
    measures?.forms.find((form) => form.key === key)?.measurement?.timing

type Axes = { axis: BuildAxis; measure: BuildMeasure; costsOf: CostsOf }

/** The forms that have a number on both axes. */
const pointsOf = (forms: readonly Form[], { axis, measure, costsOf }: Axes): ChartPoint[] =>
  forms.flatMap((form) => {
    const x = costOf(axis, form, costsOf)
    const y = fidelityOf(measure, form)
    return x === undefined || y === undefined ? [] : [{ key: form.key, name: form.name, mark: form.mark, x, y }]
  })
