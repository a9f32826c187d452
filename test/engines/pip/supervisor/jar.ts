import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { tempFolder } from '../../../helpers/temp.ts'

const run = promisify(execFile)

/** Where `java` is looked for on a host, and what makes a jar. */
export const HAS_JDK = existsSync('/usr/bin/java') && existsSync('/usr/bin/javac') && existsSync('/usr/bin/jar')
export const NO_JDK = HAS_JDK ? '' : ' (skipped: no JDK in /usr/bin)'

/** Whether this machine lets us make namespaces. */
export const HAS_WALLS =
  spawnSync('/usr/bin/unshare', [...(process.getuid?.() === 0 ? [] : ['--user']), '--mount', '--pid', '--fork', 'true'])
    .status === 0
export const NO_WALLS = HAS_WALLS ? '' : ' (skipped: no namespaces here)'

/** A server in Java that listens on PORT: `/` says `text`, `/eat` fills its heap, `/max` says how large that may become. */
export function serverInJava(text: string): string {
  return `
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.file.*;
public class Main {
  public static void main(String[] arguments) throws Exception {
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 0);
    server.createContext("/", asked -> {
      var answer = switch (asked.getRequestURI().getPath()) {
        case "/eat" -> { var all = new java.util.ArrayList<byte[]>(); while (true) all.add(new byte[1 << 20]); }
        case "/max" -> String.valueOf(Runtime.getRuntime().maxMemory() >> 20);
        case "/beside" -> start();
        case "/see" -> see();
        case "/arguments" -> String.join(" ", arguments);
        default -> ${JSON.stringify(text)} + " " + System.getenv().getOrDefault("GREETING", "");
      };
      var bytes = answer.getBytes();
      asked.sendResponseHeaders(200, bytes.length);
      asked.getResponseBody().write(bytes);
      asked.close();
    });
    server.setExecutor(java.util.concurrent.Executors.newFixedThreadPool(8));
    server.start();
    System.out.println("listening");
  }
  static String see() {
    var seen = new StringBuilder();
    for (var path : System.getenv("LOOK_AT").split(":")) {
      try { seen.append(Files.isDirectory(Path.of(path)) ? "folder " + Files.list(Path.of(path)).count() : Files.readString(Path.of(path))).append(";"); }
      catch (Exception error) { seen.append(error.getClass().getSimpleName()).append(";"); }
    }
    try { Files.writeString(Path.of(System.getProperty("user.home"), "x"), "x"); seen.append("home;"); } catch (Exception error) { seen.append(error).append(";"); }
    try { Files.writeString(Path.of("x"), "x"); seen.append("release;"); } catch (Exception error) { seen.append("no release;"); }
    return seen.append(ProcessHandle.allProcesses().count()).append(" processes").toString();
  }
  static String start() throws java.io.IOException {
    return String.valueOf(new ProcessBuilder("sleep", "1000").start().pid());
  }
}`
}

/** A folder with `app.jar` in it, made by javac and jar. */
export async function jarOf(source: string): Promise<string> {
  const folder = await tempFolder('jar')
  const classes = join(folder, 'classes')
  await mkdir(classes)
  await writeFile(join(folder, 'Main.java'), source)
  await run('/usr/bin/javac', ['-d', classes, join(folder, 'Main.java')])
  await run('/usr/bin/jar', ['cfe', join(folder, 'app.jar'), 'Main', '-C', classes, '.'])
  for (const each of ['classes', 'Main.java']) await rm(join(folder, each), { recursive: true })
  return folder
}
