/** Job outcome: the version that resulted from an upload, new or already known, and the next steps with it. */
import type { PushReply } from '@skerry/contract/models/model'
import { Link } from '@tanstack/react-router'
import { BadgeCheck, CopyCheck, FlaskConical, Rocket } from 'lucide-react'
import { Button } from '../../../../components/button.tsx'
import { Card } from '../../../../components/card.tsx'
import { Copyable, shortDigest } from '../../../../components/facts/copyable.tsx'
import { kindRow } from '../../../../kinds/kinds.ts'
import { texts } from '../../../../texts/english.ts'
import { BUTTON_LINK } from '../../button-link.ts'
import { modelTexts } from '../../english-models.ts'
import { uploadTexts as words } from '../english-upload.ts'
import { NotRecordedTable } from './not-recorded.tsx'

export function JobOutcome({
  reply: { created, version, notRecorded },
  onAgain,
}: {
  reply: PushReply
  onAgain: () => void
}) {
  const name = `${version.name}:${version.version}`
  const Icon = created ? BadgeCheck : CopyCheck
  const params = { model: version.name, version: String(version.version) }
  const { Playground } = kindRow(version.kind)
  return (
    <Card isFlush>
      <div className="flex flex-col items-center gap-2 px-6 py-8 text-center">
        <Icon size={36} className={created ? 'text-good' : 'text-busy'} aria-hidden />
        <p role="status" className="text-lg font-semibold">
          {created ? words.created(name) : words.same(name)}
        </p>
        {!created && <p className="max-w-prose text-sm text-soft">{words.sameHint}</p>}
        <p className="text-sm text-soft">
          {version.goldenCases > 0 ? words.goldenCases(version.goldenCases) : words.goldenNone}
        </p>
        <Copyable value={version.digest} shown={shortDigest(version.digest)} what={texts.version.digest} />
        <div className="mt-4 flex flex-wrap justify-center gap-2">
          <Link to="/deploy" search={params} className={BUTTON_LINK.primary}>
            <Rocket size={15} aria-hidden />
            {modelTexts.actions.deploy}
          </Link>
          {Playground && (
            <Link to="/models/$model/versions/$version/playground" params={params} className={BUTTON_LINK.plain}>
              <FlaskConical size={15} aria-hidden />
              {modelTexts.actions.playground}
            </Link>
          )}
          <Link to="/models/$model/versions/$version" params={params} className={BUTTON_LINK.plain}>
            {words.show}
          </Link>
          <Button onClick={onAgain}>{words.another}</Button>
        </div>
      </div>
      {notRecorded && <NotRecordedTable parts={notRecorded} />}
    </Card>
  )
}
