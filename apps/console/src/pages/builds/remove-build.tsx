/** Remove build: a button that removes a build after a question. A build in use names the deployments that use it. */
import type { Build } from '@skerry/contract/builds/build'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { hub } from '../../hub/hub-client.ts'
import { queries } from '../../hub/queries.ts'
import { buildTexts } from './english-builds.ts'

const words = buildTexts.list

type RemoveProps = { build: Build; name: string; isLarge?: boolean }

export function RemoveBuild({ build, name, isLarge = false }: RemoveProps) {
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <GuardedButton
        permission="build.write"
        look="danger"
        isSmall={!isLarge}
        aria-label={words.removeLabel(name)}
        onClick={() => setAsking(true)}
      >
        {words.remove}
      </GuardedButton>
      {isAsking && <Question build={build} name={name} onClose={() => setAsking(false)} />}
    </>
  )
}

function Question({ build, name, onClose }: { build: Build; name: string; onClose: () => void }) {
  const client = useQueryClient()
  const deployments = useQuery(queries.deployments())
  const users = (deployments.data ?? []).filter(({ spec }) => spec.build === build.id).map((each) => each.name)
  const lead = users.length === 0 ? words.removeLead : `${words.inUse(users.join(', '))} ${words.removeLead}`
  const remove = async () => {
    await hub.build.remove({ build: build.id })
    await client.invalidateQueries({ queryKey: ['models', 'builds', build.name] })
  }
  return (
    <Confirmation
      title={words.removeTitle(name)}
      lead={lead}
      verb={words.remove}
      isDanger
      run={remove}
      done={words.removed(name)}
      onClose={onClose}
    />
  )
}
