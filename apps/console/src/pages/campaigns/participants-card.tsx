/** Participants card: the devices of a round, and those that offer the data. */
import type { CampaignCandidate, CampaignParticipant } from '@skerry/contract/campaigns/campaign'
import { useQuery } from '@tanstack/react-query'
import { Card } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { WithCommands } from '../../components/facts/alert-marks.tsx'
import { DeviceLink } from '../../components/facts/device-link.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { number } from '../../texts/count.ts'
import { ParticipantBadge } from './campaign-badge.tsx'
import { campaignQueries } from './campaign-queries.ts'
import { campaignsTexts as words } from './english-campaigns.ts'
import { ParticipantMap } from './participant-map.tsx'
import { sourceText } from './source-text.ts'

/** An attempt is named if the round has several. */
function whyOf({ attempt, message, summedBy }: CampaignParticipant, all: readonly CampaignParticipant[]): string {
  const isRepeated = all.some((one) => one.attempt !== attempt)
  const reason = message ?? (summedBy === undefined ? undefined : words.participants.summed(summedBy))
  return [isRepeated ? words.rounds.attempt(attempt) : undefined, reason].filter(Boolean).join(': ')
}

/** Whether the device trained on the same rows as before. Older agents do not report it. */
function DataMark({ data }: Pick<CampaignParticipant, 'data'>) {
  return (
    <span title={data?.fingerprint} className="text-soft wrap-anywhere">
      {dataText(data)}
    </span>
  )
}

function dataText(data: CampaignParticipant['data']): string {
  const texts = words.participants.data
  if (!data) return '–'
  if (!data.earlier) return texts.first
  const { round, rows, isSame } = data.earlier
  return isSame ? texts.same(round) : texts.changed(round, rows, data.rows)
}

type ParticipantsProps = { name: string; round: number; isOver: boolean }

export function ParticipantCards({ name, round, isOver }: ParticipantsProps) {
  const { data, error } = useQuery(campaignQueries.participants(name, round, isOver))
  const { participants: texts } = words
  if (!data) return <Card title={texts.title(round)}>{error ? <Failure error={error} /> : <Loading rows={3} />}</Card>
  const { participants, candidates } = data
  return (
    <>
      <ParticipantMap participants={participants} candidates={candidates} />
      <DevicesOfRound title={texts.title(data.round)} participants={participants} candidates={candidates} />
    </>
  )
}

type DevicesProps = {
  title: string
  participants: readonly CampaignParticipant[]
  candidates: readonly CampaignCandidate[]
}

/** The devices that were selected, beside those that offer the data. */
export function DevicesOfRound({ title, participants, candidates: offering }: DevicesProps) {
  const { participants: texts, candidates } = words
  const { data: dataTitle, ...columns } = texts.columns
  // Devices of a survey, and those of older agents, report no data.
  const hasData = participants.some(({ data }) => data !== undefined)
  return (
    <div className="grid items-start gap-4 xl:grid-cols-2">
      <Card title={title} isFlush={participants.length > 0}>
        {participants.length === 0 && <p className="text-sm text-soft">{texts.none}</p>}
        {participants.length > 0 && (
          <PlainTable
            label={title}
            headers={[...Object.values(columns), ...(hasData ? [dataTitle] : [])]}
            rows={participants.map((one) => ({
              key: `${one.device} ${one.attempt}`,
              cells: [
                <DeviceLink key="device" device={one.device} />,
                <ParticipantBadge key="state" state={one.state} />,
                <span key="why" className="text-soft wrap-anywhere">
                  {whyOf(one, participants)}
                </span>,
                one.rows === undefined ? '–' : number.format(one.rows),
                one.bytes === undefined ? '–' : sizeText(one.bytes),
                ...(hasData ? [<DataMark key="data" data={one.data} />] : []),
              ],
            }))}
          />
        )}
      </Card>
      <Card title={candidates.title} isFlush={offering.length > 0}>
        {offering.length === 0 && (
          <p className="text-sm text-soft">
            <WithCommands text={candidates.none} />
          </p>
        )}
        {offering.length > 0 && (
          <PlainTable
            label={candidates.title}
            headers={Object.values(candidates.columns)}
            rows={offering.map(({ device, rows, isEligible, isConnected, reason, source, leftOut }) => ({
              key: device,
              cells: [
                <DeviceLink key="device" device={device} />,
                <span key="part" className="wrap-anywhere">
                  {isEligible ? (isConnected ? candidates.yes : candidates.away) : reason}
                </span>,
                number.format(rows),
                sourceText({ source, leftOut }),
              ],
            }))}
          />
        )}
      </Card>
    </div>
  )
}
