/** Version actions: try it, deploy it, point an alias to it, compare it, remove it. */
import type { VersionDetail } from '@skerry/contract/models/model'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { FlaskConical, GitCompareArrows, Rocket } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { hub } from '../../hub/hub-client.ts'
import { kindRow } from '../../kinds/kinds.ts'
import { OptimiseButton } from '../builds/optimise-button.tsx'
import { AliasDialog } from './alias-dialog.tsx'
import { BUTTON_LINK } from './button-link.ts'
import { modelTexts } from './english-models.ts'
import { InUseDialog } from './in-use-dialog.tsx'
import { leaveAndRemove } from './leave-and-remove.ts'

const words = modelTexts.actions

export function VersionActions({ version }: { version: VersionDetail }) {
  const { name: model, version: number } = version
  const params = { model, version: String(number) }
  const { Playground, Compare, Optimise } = kindRow(version.kind)
  return (
    <>
      <Link to="/deploy" search={{ model, version: params.version }} className={BUTTON_LINK.primary}>
        <Rocket size={15} aria-hidden />
        {words.deploy}
      </Link>
      {Playground && (
        <Link to="/models/$model/versions/$version/playground" params={params} className={BUTTON_LINK.plain}>
          <FlaskConical size={15} aria-hidden />
          {words.playground}
        </Link>
      )}
      {Optimise && <OptimiseButton model={model} version={number} />}
      {Compare && number > 1 && (
        <Link
          to="/models/$model/compare"
          params={{ model }}
          search={{ a: number - 1, b: number }}
          className={BUTTON_LINK.plain}
        >
          <GitCompareArrows size={15} aria-hidden />
          {words.compare}
        </Link>
      )}
      <AliasButton version={version} />
      <RemoveButton version={version} />
    </>
  )
}

function AliasButton({ version: { name: model, version } }: { version: VersionDetail }) {
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <GuardedButton permission="model.write" onClick={() => setAsking(true)}>
        {words.alias}
      </GuardedButton>
      {isAsking && <AliasDialog model={model} version={version} onClose={() => setAsking(false)} />}
    </>
  )
}

function RemoveButton({ version: { name: model, version, usedBy, aliases } }: { version: VersionDetail }) {
  const [isAsking, setAsking] = useState(false)
  const navigate = useNavigate()
  const client = useQueryClient()
  const name = `${model}:${version}`
  const close = () => setAsking(false)
  const remove = () =>
    leaveAndRemove({
      leave: () => navigate({ to: '/models/$model', params: { model } }),
      remove: () => hub.model.removeVersion({ name: model, version: String(version) }),
      comeBack: () => navigate({ to: '/models/$model/versions/$version', params: { model, version: String(version) } }),
      forget: () => client.removeQueries({ queryKey: ['models', 'version', model, String(version)] }),
    })
  const isUsed = usedBy.length + aliases.length > 0
  return (
    <>
      <GuardedButton permission="model.write" look="danger" onClick={() => setAsking(true)}>
        {words.remove}
      </GuardedButton>
      {isAsking && isUsed && (
        <InUseDialog name={name} model={model} deployments={usedBy} aliases={aliases} onClose={close} />
      )}
      {isAsking && !isUsed && (
        <Confirmation
          title={words.removeVersionTitle(name)}
          lead={words.removeVersionLead}
          verb={words.remove}
          isDanger
          typedName={name}
          run={remove}
          done={words.removed(name)}
          onClose={close}
        />
      )}
    </>
  )
}
