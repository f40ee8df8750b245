/** Measures card: the speed and memory of each form on each class of hardware, and the form that the class gets. */
import { BEST_BUILD, BuildPreference } from '@skerry/contract/builds/build'
import type { Measurement } from '@skerry/contract/builds/measurement'
import { reasonWords } from '@skerry/core/builds/build-words'
import { useNavigate } from '@tanstack/react-router'
import { CircleCheck, Download, Timer } from 'lucide-react'
import { Button, GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { durationText, sizeText } from '../../../components/charts/amounts.ts'
import { cn } from '../../../components/class-names.ts'
import { Badge } from '../../../components/facts/badge.tsx'
import { DeviceLink } from '../../../components/facts/device-link.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Field, Select } from '../../../components/fields.tsx'
import { Empty } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { number } from '../../../texts/count.ts'
import { saveText } from '../../playground/save-text.ts'
import { buildTexts } from '../english-builds.ts'
import { Figure } from '../run/results-card.tsx'
import { type ClassMeasures, type MeasuredForm, sessionForms } from './class-measures.ts'

const words = buildTexts.measured
const { columns } = words

type MeasuresProps = {
  model: string
  version: number
  classes: readonly ClassMeasures[]
  measurements: readonly Measurement[]
  /** The goal that the choices follow. */
  prefer: BuildPreference
  onPrefer: (prefer: BuildPreference) => void
  /** The name of a form by its key. */
  nameOf: (key: string) => string
}

export function MeasuresCard({ model, version, classes, measurements, prefer, onPrefer, nameOf }: MeasuresProps) {
  return (
    <Card
      title={<span className="whitespace-nowrap">{words.title}</span>}
      isFlush
      aside={
        <div className="flex flex-wrap justify-end gap-2">
          {measurements.length > 0 && (
            <Button
              isSmall
              onClick={() =>
                saveText(`${model}-${version}-measurements.json`, JSON.stringify({ rows: measurements }, null, 2))
              }
            >
              <Download size={14} aria-hidden />
              {words.download}
            </Button>
          )}
          <MeasureButton model={model} version={version} />
        </div>
      }
    >
      {measurements.length === 0 ? (
        <Empty icon={Timer} title={words.none} hint={words.noneHint} />
      ) : (
        <div className="divide-y divide-line">
          <PreferField prefer={prefer} onPrefer={onPrefer} />
          {classes
            .filter(({ isMeasured }) => isMeasured)
            .map((each) => (
              <ClassSection key={each.hardwareClass} measures={each} prefer={prefer} nameOf={nameOf} />
            ))}
          <Unmeasured classes={classes.filter(({ isMeasured }) => !isMeasured)} />
        </div>
      )}
    </Card>
  )
}

/** Shows which builds a deployment with this goal would give to the classes. It changes nothing. */
const PreferField = ({ prefer, onPrefer }: Pick<MeasuresProps, 'prefer' | 'onPrefer'>) => (
  <div className="max-w-md px-4 py-3">
    <Field label={words.prefer} hint={words.preferHint}>
      {(control) => (
        <Select
          {...control}
          value={prefer}
          onChange={({ target }) => onPrefer(BuildPreference.catch(BEST_BUILD).parse(target.value))}
        >
          {BuildPreference.options.map((each) => (
            <option key={each} value={each}>
              {words.preferences[each]}
            </option>
          ))}
        </Select>
      )}
    </Field>
  </div>
)

/** Leads to the page that makes the batch. */
function MeasureButton({ model, version }: { model: string; version: number }) {
  const navigate = useNavigate()
  return (
    <GuardedButton
      permission="build.write"
      isSmall
      onClick={() =>
        void navigate({ to: '/models/$model/versions/$version/measure', params: { model, version: String(version) } })
      }
    >
      <Timer size={14} aria-hidden />
      {words.measure}
    </GuardedButton>
  )
}

type SectionProps = { measures: ClassMeasures; prefer: BuildPreference; nameOf: (key: string) => string }

/** Many fleets have more classes than anybody measures, so these share one sentence. */
function Unmeasured({ classes }: { classes: readonly ClassMeasures[] }) {
  if (classes.length === 0) return null
  return (
    <p className="px-4 py-3 text-sm text-soft">
      {words.unmeasured}{' '}
      <span className="font-mono text-xs wrap-anywhere text-text">
        {classes.map(({ hardwareClass }) => hardwareClass).join(', ')}
      </span>
    </p>
  )
}

function ClassSection({ measures: { hardwareClass, forms, settings }, prefer, nameOf }: SectionProps) {
  const reasons = reasonWords(prefer)
  const chosen = forms.find(({ isChosen }) => isChosen)
  return (
    <section aria-label={hardwareClass}>
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 px-4 pt-3 pb-1 text-sm">
        <h3 className="font-mono text-xs font-semibold">{hardwareClass}</h3>
        {chosen && <p className="text-soft">{words.gets(nameOf(chosen.key), settings)}</p>}
      </div>
      <PlainTable
        label={words.of(hardwareClass)}
        headers={[
          columns.form,
          columns.p50,
          columns.p95,
          columns.speed,
          columns.memory,
          columns.n,
          columns.device,
          columns.versions,
        ]}
        rows={forms.flatMap((form) => [
          { key: form.key, cells: cellsOf(form, nameOf(form.key), reasons) },
          ...sessionRows(form, nameOf(form.key), reasons),
        ])}
      />
    </section>
  )
}

/** The other settings with which the form was measured, below it. */
const sessionRows = (form: MeasuredForm, name: string, reasons: Reasons) =>
  sessionForms(form).map((each) => ({
    key: each.form.key,
    cells: cellsOf(each.form, words.formWith(name, each.settings), reasons),
  }))

type Reasons = ReturnType<typeof reasonWords>

function cellsOf(form: MeasuredForm, name: string, reasons: Reasons) {
  const { measurement } = form
  const timing = measurement?.timing
  return [
    <FormCell key="form" form={form} name={name} reasons={reasons} />,
    <Figure key="p50" text={timing ? durationText(timing.p50Ms * 1_000) : '–'} />,
    <Figure key="p95" text={timing ? durationText(timing.p95Ms * 1_000) : '–'} />,
    <Speed key="speed" measurement={measurement} />,
    <Figure key="memory" text={timing ? sizeText(timing.peakBytes) : '–'} />,
    <Figure key="n" text={timing ? number.format(timing.n) : '–'} />,
    <Source key="device" measurement={measurement} />,
    <Versions key="versions" measurement={measurement} />,
  ]
}

function Speed({ measurement }: { measurement: Measurement | undefined }) {
  const speed = measurement?.timing?.speed
  if (!speed) return '–'
  return (
    <span className="whitespace-nowrap tabular">
      × {ratio(speed.middle)}{' '}
      <span className="text-xs text-soft">{words.interval(ratio(speed.low), ratio(speed.high))}</span>
    </span>
  )
}

const ratio = (value: number) => value.toFixed(2)

/** The device, and the time of the measurement. */
const Source = ({ measurement }: { measurement: Measurement | undefined }) =>
  measurement ? (
    <span className="block whitespace-nowrap">
      <DeviceLink device={measurement.device} />
      <span className="block text-xs text-soft">
        <Instant ms={measurement.measuredAtMs} />
      </span>
    </span>
  ) : (
    '–'
  )

const Versions = ({ measurement }: { measurement: Measurement | undefined }) =>
  measurement ? (
    <span className="text-xs whitespace-nowrap text-soft">
      {words.agent(measurement.agent, measurement.threads)}
      <br />
      {measurement.runtime}
    </span>
  ) : (
    '–'
  )

/** The chosen form has a mark; each other one has the reason in words, and a failed one the message of the device. */
type FormCellProps = { form: MeasuredForm; name: string; reasons: Reasons }

function FormCell({ form: { isChosen, reason, measurement }, name, reasons }: FormCellProps) {
  const problem = measurement?.problem
  return (
    <span className="block min-w-48 py-1.5">
      <span className={cn('mr-2', isChosen && 'font-semibold')}>{name}</span>
      {isChosen && (
        <Badge tone="good" icon={CircleCheck} isPlain>
          {words.chosen}
        </Badge>
      )}
      {reason !== undefined && <span className="block text-xs text-soft">{reasons[reason]}</span>}
      {problem && <span className="block text-xs wrap-anywhere text-warn">{problem.message}</span>}
    </span>
  )
}
