/** PEM link: saves a certificate or a public key as a file. */
import { Download } from 'lucide-react'
import { useEffect, useState } from 'react'
import { settingsTexts } from '../english-settings.ts'

const words = settingsTexts.certificates

/** A file to download, made of text that is here. */
export function PemLink({ pem, name }: { pem: string; name: string }) {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([pem], { type: 'application/x-pem-file' }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [pem])
  return (
    <a
      href={url}
      download={name}
      aria-label={words.downloadOf(name)}
      className="inline-flex items-center gap-1.5 rounded text-xs font-medium text-accent hover:underline"
    >
      <Download size={13} aria-hidden />
      {words.download}
    </a>
  )
}
