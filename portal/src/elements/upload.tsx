import { Button, Progress, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { type StoredFile, uploadFile } from '../service/files.ts'
import { FileDrop } from './file-drop.tsx'
import { FormError } from './form-error.tsx'
import classes from './upload.module.css'

/** Sends a training file to the service. It goes on where its page is left. */
export function useUpload(done: (file: StoredFile) => unknown) {
  const [sent, setSent] = useState(0)
  const stop = useRef<AbortController>(null)
  const { mutate, isPending, error, variables } = useMutation({
    mutationFn: (file: File) => {
      const controller = new AbortController()
      stop.current = controller
      setSent(0)
      return uploadFile(file, controller.signal, setSent)
    },
    onSuccess: done,
  })
  return {
    start: (file: File) => mutate(file),
    cancel: () => stop.current?.abort(),
    name: variables?.name,
    sent,
    isPending,
    error: error?.name === 'AbortError' ? null : error,
  }
}

/** A place to drop a training file that is to be kept; how far it came, and a way to stop it. */
export function Upload(props: { upload: ReturnType<typeof useUpload>; hint: string; small: boolean }) {
  const { upload, hint, small } = props
  return (
    <>
      {upload.isPending ? (
        <Uploading upload={upload} />
      ) : (
        <FileDrop label="Drop a training file, or choose one" hint={hint} small={small} onFile={upload.start} />
      )}
      <FormError error={upload.error} />
    </>
  )
}

function Uploading({ upload: { name, sent, cancel } }: { upload: ReturnType<typeof useUpload> }) {
  const percent = Math.floor(sent * 100)
  return (
    <div className={classes.uploading}>
      <div className={classes.state}>
        <Text size="sm" fw={600} truncate>
          Uploading {name}
        </Text>
        <Text size="xs" c="dimmed" className="numbers">
          {percent < 100 ? `${percent} % sent` : 'Sent; the service is storing it'}
        </Text>
        <Progress value={percent} size="sm" mt={6} aria-label="Uploading" />
      </div>
      <Button variant="default" size="xs" onClick={cancel}>
        Cancel
      </Button>
    </div>
  )
}
