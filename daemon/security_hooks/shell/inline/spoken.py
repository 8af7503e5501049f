"""The names by which languages that nobody evaluates here open sockets, run programs and touch files.

One line for each meaning: `socket` connects and stays open, `listen` waits for others, `fetch` asks for something
over the network; `shell` hands its text to a shell, `program` starts its first argument with the others, `replace`
with those behind the name that it is to go by, `launch` and `arguments` do so in two steps; the rest are what is done
to a path, `delete*` with all below it.
"""

from collections.abc import Mapping
from typing import Final

SPOKEN: Final[Mapping[str, str]] = {
    "go": """
socket: syscall.Connect unix.Connect
socket: net.ParseIP net.Dial net.DialTimeout net.DialTCP net.DialUDP tls.Dial ssh.Dial websocket.Dial
listen: syscall.Bind syscall.Listen unix.Bind unix.Listen net.Listen net.ListenTCP tls.Listen
fetch: http.Get http.Post http.PostForm http.NewRequest http.NewRequestWithContext http.Head
program: exec.Command exec.CommandContext
replace: syscall.Exec unix.Exec os.StartProcess syscall.ForkExec
read: os.ReadFile ioutil.ReadFile os.Open
write: os.WriteFile ioutil.WriteFile os.Create os.OpenFile os.Mkdir os.MkdirAll os.Truncate
delete: os.Remove
delete*: os.RemoveAll
move: os.Rename
mode: os.Chmod os.Chown
env: os.Getenv os.LookupEnv
""",
    "julia": """
socket: connect Sockets.connect
listen: listen Sockets.listen listenany
fetch: download Downloads.download HTTP.get HTTP.post HTTP.request
program: Cmd
read: read readlines eachline readchomp open include
write: write mkpath mkdir touch
delete*: rm Base.rm
move: mv
mode: chmod chown
""",
    "rust rust-script": """
socket: TcpStream::connect UdpSocket::connect TcpStream::connect_timeout UnixStream::connect
listen: TcpListener::bind
fetch: reqwest::get reqwest::blocking::get ureq::get ureq::post Client::get
program: Command::new
shell: libc::system
read: fs::read fs::read_to_string File::open
write: fs::write File::create fs::create_dir fs::create_dir_all
delete: fs::remove_file fs::remove_dir
delete*: fs::remove_dir_all
move: fs::rename
mode: fs::set_permissions
env: env::var
""",
    "haskell": """
socket: connect connectTo getAddrInfo
listen: listen
fetch: simpleHTTP httpLBS httpBS simpleHttp parseRequest getRequest
shell: callCommand spawnCommand system shell readCreateProcess
program: callProcess rawSystem spawnProcess readProcess readProcessWithExitCode proc executeFile
read: readFile getContents openFile
write: writeFile appendFile createDirectory createDirectoryIfMissing
delete: removeFile removeDirectory
delete*: removeDirectoryRecursive removePathForcibly
move: renameFile renamePath renameDirectory
env: getEnv lookupEnv
""",
    "swift": """
socket: NWConnection connect CFStreamCreatePairWithSocketToHost getStreamsToHost Stream.getStreamsToHost
listen: NWListener
fetch: contentsOf dataTask downloadTask
shell: system popen
program: Process.run
replace: execv execvp
launch: executableURL launchPath
arguments: arguments
read: contentsOfFile contents
write: createFile createDirectory
delete*: removeItem
move: moveItem
""",
    "elixir": """
socket: :gen_tcp.connect :ssl.connect :gen_udp.open Mint.HTTP.connect
listen: :gen_tcp.listen
fetch: :httpc.request HTTPoison.get HTTPoison.get! HTTPoison.post Req.get Req.get! Req.post Finch.build
shell: System.shell :os.cmd Port.open
program: System.cmd MuonTrap.cmd
read: File.read File.read! File.stream! File.open File.open!
write: File.write File.write! File.mkdir_p File.mkdir_p! File.touch
delete: File.rm File.rm!
delete*: File.rm_rf File.rm_rf!
move: File.rename File.rename!
mode: File.chmod
env: System.get_env System.fetch_env!
""",
    "erlang": """
socket: gen_tcp:connect ssl:connect gen_udp:open
listen: gen_tcp:listen
fetch: httpc:request hackney:request hackney:get
shell: os:cmd open_port
read: file:read_file file:open file:consult
write: file:write_file file:make_dir
delete: file:delete file:del_dir
delete*: file:del_dir_r
move: file:rename
mode: file:change_mode
env: os:getenv
""",
    "clojure": """
socket: Socket. java.net.Socket.
listen: ServerSocket. java.net.ServerSocket.
fetch: client/get http/get http/post client/post
program: sh shell/sh clojure.java.shell/sh process ProcessBuilder. .exec java.lang.ProcessBuilder.
read: slurp io/reader
write: spit io/writer
delete: io/delete-file
env: System/getenv
""",
    "ocaml fsharp": """
socket: Unix.connect Unix.open_connection TcpClient Socket.Connect
listen: Unix.listen
fetch: Client.get Http.RequestString WebClient DownloadString DownloadFile GetStringAsync
shell: Sys.command Unix.system Unix.open_process Unix.open_process_in Unix.open_process_out Unix.open_process_full
program: Process.Start
replace: Unix.execv Unix.execvp Unix.execve Unix.create_process
read: open_in In_channel.open_text File.ReadAllText File.ReadAllBytes
write: open_out Out_channel.open_text File.WriteAllText
delete: Sys.remove Unix.unlink Unix.rmdir File.Delete
delete*: Directory.Delete
move: Sys.rename Unix.rename File.Move
mode: Unix.chmod Unix.chown
env: Sys.getenv Unix.getenv
""",
    "nim": """
socket: dial net.dial newSocket connect newAsyncSocket
listen: bindAddr listen
fetch: getContent postContent downloadFile newHttpClient
shell: execShellCmd execCmd execCmdEx execProcess staticExec gorge gorgeEx
program: startProcess
read: readFile open lines
write: writeFile createDir
delete: removeFile
delete*: removeDir
move: moveFile moveDir
mode: setFilePermissions
env: getEnv
""",
    "raku": """
socket: IO::Socket::INET.new IO::Socket::Async.connect IO::Socket::INET
listen: IO::Socket::Async.listen
fetch: HTTP::Tiny.get HTTP::UserAgent.get
shell: shell qx qqx EVAL
program: run Proc::Async.new
read: slurp open
write: spurt mkdir
delete: unlink rmdir
move: rename move
mode: chmod
""",
    "dart": """
socket: Socket.connect RawSocket.connect SecureSocket.connect WebSocket.connect
listen: ServerSocket.bind
fetch: http.get http.post http.read getUrl postUrl
program: Process.run Process.runSync Process.start
""",
    "d": """
socket: TcpSocket InternetAddress getAddress
listen: listen
fetch: get post download
shell: executeShell spawnShell pipeShell system
program: execute spawnProcess pipeProcess
replace: execv execvp
read: readText
write: mkdir mkdirRecurse
delete: remove
delete*: rmdirRecurse
move: rename
""",
    "zig": """
socket: tcpConnectToHost tcpConnectToAddress
program: Child.init Child.run Child.exec
replace: execv execve
read: openFileAbsolute openFile readFileAlloc
write: createFileAbsolute createFile makePath
delete: deleteFileAbsolute deleteFile
delete*: deleteTreeAbsolute deleteTree
""",
    "c cpp c++ objc v vlang": """
socket: connect inet_addr inet_pton gethostbyname getaddrinfo net.dial_tcp
listen: listen
fetch: curl_easy_setopt http.get http.post
shell: system popen os.system os.execute
program: os.new_process
replace: execl execlp execle execv execve execvp posix_spawn posix_spawnp
read: fopen ifstream
write: ofstream creat mkdir
delete: remove unlink rmdir os.rm
delete*: os.rmdir_all remove_all
move: rename
mode: chmod chown
env: getenv
""",
    "csharp cs csx": """
socket: TcpClient Socket.Connect ConnectAsync Connect
listen: TcpListener
fetch: DownloadString DownloadFile DownloadData GetStringAsync GetAsync PostAsync WebRequest.Create
program: Process.Start ProcessStartInfo
launch: FileName
arguments: Arguments
read: File.ReadAllText File.ReadAllBytes File.ReadAllLines File.OpenRead
write: File.WriteAllText File.WriteAllBytes File.AppendAllText File.Create Directory.CreateDirectory
delete: File.Delete
delete*: Directory.Delete
move: File.Move Directory.Move
env: Environment.GetEnvironmentVariable
""",
    "scheme racket guile lisp elisp": """
socket: tcp-connect connect make-network-process open-network-stream usocket:socket-connect socket-connect
listen: tcp-listen usocket:socket-listen
fetch: url-retrieve url-retrieve-synchronously http-get get-pure-port dex:get drakma:http-request url-copy-file
shell: system process open-input-pipe open-output-pipe open-pipe
shell: shell-command shell-command-to-string async-shell-command
program: system* process* subprocess call-process start-process make-process
program: uiop:run-program sb-ext:run-program run-program
read: open-input-file call-with-input-file file->string insert-file-contents with-open-file load
write: open-output-file call-with-output-file write-region
delete: delete-file
delete*: delete-directory delete-directory/files
move: rename-file rename-file-or-directory
mode: chmod set-file-modes
env: getenv
""",
    "prolog": """
socket: tcp_connect
listen: tcp_listen
fetch: http_open http_get http_post
shell: shell system
program: process_create
read: open see consult read_file_to_string
write: tell append
delete: delete_file
delete*: delete_directory_and_contents
move: rename_file
env: getenv
""",
    "octave": """
socket: tcpip tcpclient socket connect
fetch: urlread urlwrite webread websave
shell: system shell_cmd unix dos popen evalc
program: exec
read: fopen fileread load importdata
write: save csvwrite
delete: delete unlink
delete*: rmdir
move: rename movefile
env: getenv
""",
}
