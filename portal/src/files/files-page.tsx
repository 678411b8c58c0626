import { Button, Group, Table, Text } from '@mantine/core'
import { IconFiles } from '@tabler/icons-react'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { bytes, shortDateTime } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { Confirm } from '../elements/confirm.tsx'
import { CursorPages, useCursors } from '../elements/cursor-pages.tsx'
import { FormError } from '../elements/form-error.tsx'
import { LinkButton } from '../elements/link-button.tsx'
import { Page } from '../elements/page.tsx'
import { saveFile } from '../elements/save-file.ts'
import { Empty, Loaded } from '../elements/states.tsx'
import { Upload, useUpload } from '../elements/upload.tsx'
import { deleteFile, fileContent, listFiles, type StoredFile } from '../service/files.ts'
import classes from './files-page.module.css'

const ROWS = 25

export function FilesPage() {
  const queries = useQueryClient()
  const cursors = useCursors()
  const files = useQuery({
    queryKey: ['files', cursors.cursor],
    queryFn: () => listFiles(cursors.cursor, ROWS),
    placeholderData: keepPreviousData,
  })
  const again = () => queries.invalidateQueries({ queryKey: ['files'] })
  const upload = useUpload(again)
  return (
    <Page
      title="Files"
      about="Training files, encrypted under your resource's key, and the results files of your jobs."
    >
      <Upload upload={upload} hint="JSON lines, under 512 MB" small={(files.data?.data.length ?? 0) > 0} />
      <Card flush>
        <Loaded query={files} what="the files">
          {({ data, has_more }) =>
            data.length === 0 ? (
              <Empty icon={<IconFiles size={22} />} title="No files yet">
                What you upload here can be chosen when you create a job.
              </Empty>
            ) : (
              <>
                <FileTable files={data} again={again} />
                <CursorPages cursors={cursors} hasMore={has_more} last={data.at(-1)?.id} what="files" />
              </>
            )
          }
        </Loaded>
      </Card>
    </Page>
  )
}

function FileTable({ files, again }: { files: readonly StoredFile[]; again: () => void }) {
  const save = useMutation({
    mutationFn: async (file: StoredFile) => saveFile(await fileContent(file.id), file.filename),
  })
  return (
    <>
      <FormError error={save.error} />
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>File</Table.Th>
            <Table.Th className={classes.wide}>Purpose</Table.Th>
            <Table.Th className={classes.wide} ta="right">
              Size
            </Table.Th>
            <Table.Th className={classes.wide}>Created</Table.Th>
            <Table.Th ta="right">Actions</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {files.map((file) => (
            <Table.Tr key={file.id}>
              <Table.Td className={classes.name}>
                <Text size="sm" fw={560} truncate>
                  {file.filename}
                </Text>
                <Text size="xs" c="dimmed" className="mono" truncate>
                  {file.id}
                </Text>
              </Table.Td>
              <Table.Td className={classes.wide}>{file.purpose === 'fine-tune' ? 'Training' : 'Results'}</Table.Td>
              <Table.Td className={`${classes.wide} numbers`} ta="right">
                {bytes(file.bytes)}
              </Table.Td>
              <Table.Td className={classes.wide}>{shortDateTime(file.created_at)}</Table.Td>
              <Table.Td>
                <Group gap={6} justify="flex-end" className={classes.actions}>
                  {file.purpose === 'fine-tune' && (
                    <LinkButton to="/jobs/new" search={{ file: file.id }} size="xs" variant="default">
                      Create job
                    </LinkButton>
                  )}
                  <Button
                    size="xs"
                    variant="default"
                    onClick={() => save.mutate(file)}
                    aria-label={`Save ${file.filename}`}
                  >
                    Save
                  </Button>
                  <Confirm
                    name={`Delete ${file.filename}`}
                    title="Delete this file?"
                    act="Delete"
                    question={`${file.filename} is deleted for good. Jobs that have read it are not touched.`}
                    run={() => deleteFile(file.id)}
                    done={again}
                  />
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  )
}
