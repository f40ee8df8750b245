/** Result card: the detector and its alarm, and where the threshold comes from. */
import { isLearningOver, type Learning } from '@skerry/contract/learning/learning'
import { alarmFlowName } from '@skerry/core/learning/alarm-flow'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Card } from '../../components/card.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { learningTexts } from './english-learning.ts'

const words = learningTexts.result

const LINK = 'rounded font-medium text-accent hover:underline'

export function ResultCard({ learning }: { learning: Learning }) {
  const { spec, outcome, rows, rowsWanted, createdAtMs, createdBy } = learning
  const facts: readonly (readonly [string, ReactNode])[] = [
    [words.model, <ModelLink key="model" learning={learning} />],
    [words.alarm, <FlowLink key="flow" learning={learning} />],
    [words.threshold, words.thresholdText(spec.falseAlarmDays)],
    ...(outcome?.tail ? [[words.from, words.fromText(outcome.tail.peaks, outcome.tail.extrapolation)] as const] : []),
    [words.rows, learningTexts.rows(rows, rowsWanted)],
    [
      words.started,
      <span key="started">
        <Instant ms={createdAtMs} /> {learningTexts.by(createdBy)}
      </span>,
    ],
  ]
  return (
    <Card title={words.title}>
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-6 gap-y-2 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-soft">{name}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}

function ModelLink({ learning: { spec, phase, modelVersion, detector = spec.name } }: { learning: Learning }) {
  if (modelVersion === undefined) return words.none(isLearningOver(phase))
  return (
    <Link
      to="/models/$model/versions/$version"
      params={{ model: detector, version: String(modelVersion) }}
      className={LINK}
    >
      {words.version(detector, modelVersion)}
    </Link>
  )
}

function FlowLink({ learning: { spec, phase, flowVersion, detector } }: { learning: Learning }) {
  if (flowVersion === undefined) return words.none(isLearningOver(phase))
  const name = alarmFlowName(detector ?? spec.name)
  return (
    <Link to="/flows/$flow" params={{ flow: name }} className={LINK}>
      {words.version(name, flowVersion)}
    </Link>
  )
}
